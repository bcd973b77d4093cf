// The pages of a store that a village lives in, without a server: what tests of rendering look at.
import { createPages } from '../../src/web/pages.ts';
import { Agent, Sandbox } from '../sandbox.ts';
import { settle, VILLAGERS, type Village, type Villager } from './village.ts';

export interface VillagePages {
  readonly sandbox: Sandbox;
  readonly village: Village;
  readonly agents: Readonly<Record<Villager, Agent>>;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  /** The HTML of a page that must be there. */
  readonly html: (path: string) => Promise<string>;
}

/** Opens a sandbox, and fills it. */
export async function openVillagePages(): Promise<VillagePages> {
  const sandbox = await Sandbox.open();
  const agents = Object.fromEntries(VILLAGERS.map((who) => [who, new Agent(who)])) as Record<
    Villager,
    Agent
  >;
  const { node } = sandbox.context;
  const village = await settle((who, draft) => sandbox.accept(agents[who], draft), node.did);
  const get = pagesOf(sandbox);
  const html = async (path: string) => {
    const response = await get(path);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return response.text();
  };
  return { sandbox, village, agents, get, html };
}

/** Asks the pages of a sandbox as its server would. */
export function pagesOf({ context: { db, node, now } }: Sandbox): VillagePages['get'] {
  const { authority, did, origin } = node;
  const app = createPages({ db, now, node: { name: authority, did, origin } });
  return async (path, init) => app.request(origin + path, init);
}
