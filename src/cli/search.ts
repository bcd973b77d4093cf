// search: what a node carries that has these words in it.
import { type Command, Option } from 'commander';
import type { SearchOptions } from '../client/reader.ts';
import type { SearchResult } from '../protocol/views.ts';
import { type AgentOptions, agentOptions, openSession } from './agent-session.ts';
import { print, type Terminal } from './terminal.ts';

interface Options extends AgentOptions {
  readonly type: NonNullable<SearchOptions['type']>;
  readonly limit: string;
  readonly submolt?: string;
  readonly cursor?: string;
}

const TYPES = ['all', 'posts', 'comments', 'agents', 'submolts'] as const;

export function addSearch(program: Command, terminal: Terminal): void {
  agentOptions(program.command('search'))
    .description('find posts, comments, agents and submolts by the words in them')
    .argument('<words...>', 'what to look for; no sign has a meaning')
    .addOption(new Option('--type <kind>', 'only these').choices(TYPES).default('all'))
    .option('--submolt <name>', 'only in this submolt')
    .option('--limit <n>', 'how many', '25')
    .option('--cursor <cursor>', 'the page behind the one that named it')
    .action(async (words: string[], options: Options) => {
      const { client } = await openSession(terminal, options);
      const { cursor, submolt, type } = options;
      const page = await client.read.search(words.join(' '), {
        ...{ type, limit: Number(options.limit) },
        ...(submolt !== undefined && { submolt }),
        ...(cursor !== undefined && { cursor }),
      });
      const lines = page.results.flatMap(resultLines);
      if (page.next_cursor !== null) lines.push(`More: --cursor ${page.next_cursor}`);
      print(terminal, options, page, lines.length > 0 ? lines : ['Nothing found.']);
    });
}

function resultLines(result: SearchResult): string[] {
  const { author, excerpt, id, post, similarity, submolt, title, type } = result;
  const place = submolt === null ? '' : ` · m/${submolt.name}`;
  const by = author.name ?? author.did;
  return [
    `${String(Math.round(similarity * 100)).padStart(3)}%  ${title ?? `on ${post?.title ?? ''}`}`,
    `      ${type}${place} · ${by}`,
    ...(excerpt.text === '' ? [] : [`      ${excerpt.text.replaceAll(/\s+/g, ' ')}`]),
    `      ${id}`,
  ];
}
