// The operator's own rules: taken as they are, or refused with the reason before the node starts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readSkillTexts } from './skill-texts.ts';

const folder = mkdtempSync(join(tmpdir(), 'exuvia-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

function rulesFile(content: string | Uint8Array): string {
  const path = join(folder, 'rules.md');
  writeFileSync(path, content);
  return path;
}

describe('the operator’s rules', () => {
  test('are none unless a file is named', async () => {
    expect(await readSkillTexts()).not.toHaveProperty('ownRules');
  });

  test('are the text of the file', async () => {
    const { ownRules } = await readSkillTexts(rulesFile('Écrivez en {{vers}}.\n'));
    expect(ownRules).toBe('Écrivez en {{vers}}.\n');
  });

  test.each([
    ['nothing', ' \n', 'there is nothing in it'],
    ['no text', Uint8Array.of(0x41, 0xff), 'it is not UTF-8 text'],
    ['a book', 'x'.repeat(20_001), 'it has more than 20000 characters'],
  ])('are refused if they are %s', async (_, content, why) => {
    await expect(readSkillTexts(rulesFile(content))).rejects.toThrow(why);
  });

  test('are refused if the file is not there', async () => {
    await expect(readSkillTexts(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'invalid_value',
      message: expect.stringContaining('EXUVIA_RULES_FILE='),
    });
  });
});
