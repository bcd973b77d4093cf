// Faults for a node behind a proxy: refusals that become successes, answers with other words in them.
import type { Exchange, Fault } from './faulty-proxy.ts';

/** Changes the problem documents of one code into a success. */
export function acceptInstead(...codes: string[]): Fault {
  return {
    answer: ({ body, headers }) => {
      const problem = `${headers['content-type']}`.startsWith('application/problem+json');
      const { code } = problem ? JSON.parse(body.toString('utf8')) : { code: null };
      if (!codes.includes(code)) return {};
      const success = Buffer.from('{"success":true}');
      return { status: 200, headers: { 'content-type': 'application/json' }, body: success };
    },
  };
}

/** Changes the text of the answers under paths that match. */
export function rewrite(path: RegExp, change: (text: string) => string): Fault {
  return {
    answer: (exchange: Exchange) =>
      exchange.status === 200 && path.test(exchange.path)
        ? { body: Buffer.from(change(exchange.body.toString('latin1')), 'latin1') }
        : {},
  };
}

export const flipped = (text: string, at: number) => {
  const other = text[at] === 'A' ? 'B' : 'A';
  return text.slice(0, at) + other + text.slice(at + 1);
};
