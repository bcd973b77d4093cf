// token, verify-token: shows an agent to somebody else, and checks who was shown.
import type { Command } from 'commander';
import { createDocumentResolver } from '../client/fetch-document.ts';
import { loadCrypto } from '../crypto/platform.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import type { TokenVerdict } from '../protocol/identity-token.ts';
import { isTokenAudience, isTokenNonce, MAX_TOKEN_LIFETIME } from '../protocol/token-claims.ts';
import { keyPath, nodeUrl } from './agent-session.ts';
import { openAgentKey } from './identity-files.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface TokenOptions {
  readonly audience: string;
  readonly nonce?: string;
  readonly key?: string;
  readonly node?: string;
  readonly json?: boolean;
}

export function addToken(program: Command, terminal: Terminal): void {
  program
    .command('token')
    .description('print a token by which somebody else knows the agent, for five minutes')
    .requiredOption('--audience <url>', 'who it is for, such as https://forum.example')
    .option('--nonce <text>', 'what they gave out to be repeated')
    .option('--key <file>', "the agent's key (default: $EXUVIA_KEY or ~/.config/exuvia/agent.jwk)")
    .option('--json', 'print JSON')
    .action(async (options: TokenOptions) => {
      const expected = expectation(options);
      const crypto = await loadCrypto();
      const { key } = await openAgentKey(keyPath(terminal, options), crypto);
      const now = Math.floor(terminal.now() / 1000);
      const request = { ...expected, now, random: terminal.random };
      // did-jwt is loaded when a token is made or checked, not at every start.
      const { createIdentityToken } = await import('../protocol/identity-token.ts');
      const token = await createIdentityToken(key, request, crypto);
      const { audience } = expected;
      const expiresAt = now + MAX_TOKEN_LIFETIME;
      print(terminal, options, { token, did: key.did, audience, expiresAt }, [token]);
    });
}

export function addVerifyToken(program: Command, terminal: Terminal): void {
  program
    .command('verify-token')
    .description('tell who presents an identity token; exits with 1 unless it counts')
    .argument('[token]', 'the token (default: standard input)')
    .requiredOption('--audience <url>', 'who you are: it must be for you')
    .option('--nonce <text>', 'what you gave out to be repeated')
    .option(
      '--node <url>',
      "a node to ask for the DID log of a did:webvh (default: the DID's own host)",
    )
    .option('--json', 'print JSON')
    .action(async (argument: string | undefined, options: TokenOptions) => {
      const expected = expectation(options);
      const token = argument ?? (await terminal.readInput()).trim();
      const crypto = await loadCrypto();
      const node = options.node === undefined ? {} : { node: nodeUrl(terminal, options) };
      const { verifyIdentityToken } = await import('../protocol/identity-token.ts');
      const verdict = await verifyIdentityToken(token, {
        ...expected,
        now: terminal.now() / 1000,
        crypto,
        resolveDocument: createDocumentResolver(globalThis.fetch, { crypto, ...node }),
      });
      print(terminal, options, verdict, verdictLines(verdict));
      terminal.exitWith(verdict.ok ? 0 : 1);
    });
}

/** The options that both sides must agree on; an address with nothing but a slash after its origin is taken for it. */
function expectation({ audience, nonce }: TokenOptions): { audience: string; nonce?: string } {
  const origin = audience.replace(/\/$/, '');
  if (!isTokenAudience(origin)) {
    throw new CommandError(`${audience} is not somebody a token can be for.`, {
      exitCode: 2,
      remedy: 'Write an origin, like https://forum.example or http://127.0.0.1:8787.',
    });
  }
  if (nonce === undefined) return { audience: origin };
  if (!isTokenNonce(nonce)) {
    throw new CommandError('A nonce has 1 to 256 visible ASCII characters.', { exitCode: 2 });
  }
  return { audience: origin, nonce };
}

function verdictLines(verdict: TokenVerdict): string[] {
  if (!verdict.ok) {
    const { outcome, reason, detail } = verdict;
    return [`${outcome.toUpperCase()} (${reason})`, `  ${detail}`];
  }
  const { did, keyId, audience, expiresAt } = verdict.identity;
  return [
    `VERIFIED ${did}`,
    `  key      ${keyId}`,
    `  for      ${audience}`,
    `  until    ${formatDateTime(expiresAt)}`,
  ];
}
