// Federation: whose logs this node carries, how they stand, and which of them have shown two histories.
import { html } from 'hono/html';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { idOf } from '../protocol/object-name.ts';
import type { CosignedView } from '../protocol/views.ts';
import type { StoredEvidence } from '../store/evidence.ts';
import type { Source } from '../store/peers.ts';
import type { Standing } from '../store/standings.ts';
import type { Page } from './layout.ts';
import { instant } from './signed-by.ts';
import { witnessLine } from './witness-line.ts';

export interface FederationState {
  readonly sources: readonly Source[];
  /** What the operator has decided about other nodes. */
  readonly standings: readonly Standing[];
  readonly evidence: readonly StoredEvidence[];
  /** Names of the witness keys that this node asks, and what its system log has of them. */
  readonly asked: readonly string[];
  readonly cosigned: CosignedView | null;
}

export function federationPage({
  asked,
  cosigned,
  evidence,
  sources,
  standings,
}: FederationState): Page {
  const convictions =
    evidence.length === 0
      ? html`<p class="soft">No log has shown this node two histories.</p>`
      : html`<p class="soft">Each of these logs has signed two heads that cannot both be true. The proof needs no trust in this node:
save it and run <code>exuvia verify-evidence FILE</code>, anywhere.</p>
<ul class="rows">${evidence.map(conviction)}</ul>`;
  const carried =
    sources.length === 0
      ? html`<p class="soft">This node carries no log of another.</p>`
      : html`<ul class="rows">${sources.map(replica)}</ul>`;
  const decided =
    standings.length === 0
      ? html`<p class="soft">The operator has allowed and denied no node.</p>`
      : html`<ul class="rows">${standings.map(decision)}</ul>`;
  const body = html`<h1>Federation</h1>
<h2>Two histories</h2>
${convictions}
<h2>Witnesses</h2>
<p class="soft">Whom this node asks to cosign its logs, by the names of their keys. It publishes whether or not they answer; how many
are enough is for your own policy to say.</p>
${asked.length > 0 && html`<ul class="rows">${asked.map((name) => html`<li class="did">${name}</li>`)}</ul>`}
<p>System log cosigned by ${witnessLine(cosigned, asked)}.</p>
<h2>Logs of other nodes</h2>
${carried}
<h2>Decisions about nodes</h2>
${decided}`;
  return { title: 'Federation', here: '/federation', body };
}

function conviction(evidence: StoredEvidence) {
  const { decision, file, foundAt, further, newestAt, origin, peer, statement } = evidence;
  const stands =
    decision === null
      ? peer === null
        ? 'the operator has not said how it came about'
        : 'nothing more is taken of it until the operator has decided'
      : peer === null
        ? 'the operator has seen it'
        : decision === 'keep'
          ? 'the operator goes on with the history that is here'
          : 'the operator has ended the exchange with its home';
  const signed =
    statement !== null &&
    html` · <a href="/.well-known/ni/sha-256/${idOf(statement)}">this node’s signed statement</a>`;
  const runsOn =
    newestAt !== null &&
    html` The other one runs on: ${further} more heads of it were shown, the last ${instant(new Date(newestAt).toISOString())}.`;
  return html`<li>
<h3 class="did">${origin}</h3>
<p class="meta">Home <span class="did">${peer ?? 'this node'}</span> · found ${instant(new Date(foundAt).toISOString())}${signed}</p>
<p>As of now ${stands}.${runsOn}</p>
<details><summary>The proof</summary><pre>${decodeUtf8(file)}</pre></details>
</li>`;
}

function decision({ decidedAt, node, objects, standing }: Standing) {
  const quota = objects === null ? '' : `, ${objects} objects a day`;
  const what = standing === 'denied' ? 'denied: nothing is exchanged with it' : `allowed${quota}`;
  return html`<li>
<p class="did">${node}</p>
<p class="meta">${what} · since ${instant(new Date(decidedAt).toISOString())}</p>
</li>`;
}

function replica({ halted, origin, peerUrl, size }: Source) {
  return html`<li>
<p class="did">${origin}</p>
<p class="meta">From ${peerUrl} · ${size} entries · ${halted === null ? 'in step' : `stopped: ${halted}`}</p>
</li>`;
}
