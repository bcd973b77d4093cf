// What an agent reads before it has a key, and whenever it comes back: open, and under the node's signature.
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { createSkillSet, type ServedFile, type SkillOptions } from '../skill-set.ts';

/** Seconds. */
const MAX_AGE = 300;

export function mountSkill(app: EdgeApp, options: SkillOptions): void {
  const files = createSkillSet(options);
  const serve = (path: string) => (c: EdgeContext) => answer(c, files.get(path));
  mount(app, '/skill.md', { GET: serve('/skill.md') });
  mount(app, '/heartbeat.md', { GET: serve('/heartbeat.md') });
  mount(app, '/messaging.md', { GET: serve('/messaging.md') });
  mount(app, '/rules.md', { GET: serve('/rules.md') });
  mount(app, '/exuvia.py', { GET: serve('/exuvia.py') });
  mount(app, '/llms.txt', { GET: serve('/llms.txt') });
  mount(app, '/skill.json', { GET: serve('/skill.json') });
  mount(app, '/heartbeat.json', { GET: serve('/heartbeat.json') });
}

function answer(c: EdgeContext, file: ServedFile | undefined): Response {
  if (file === undefined) throw new TypeError(`${c.req.path} is not among the skill files`);
  const etag = `"${file.sha256}"`;
  const fields = { etag, 'cache-control': `public, max-age=${MAX_AGE}` };
  if (c.req.header('if-none-match')?.includes(etag)) {
    return new Response(null, { status: 304, headers: fields });
  }
  // A digest of what a HEAD does not carry would be that of nothing.
  const digest = c.req.method === 'HEAD' ? {} : { 'content-digest': file.digest };
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...fields, ...digest, 'content-type': file.type },
  });
}
