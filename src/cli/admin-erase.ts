// admin erase: what the law makes an operator do. The node signs why; where it is home the log says so, elsewhere its own.
import { type Command, Option } from 'commander';
import { ClientError } from '../client/error.ts';
import { nameOfRef } from '../client/reader.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { OPERATOR_GROUNDS, type OperatorGround, reasonOf } from '../protocol/erasure-grounds.ts';
import { signObject } from '../protocol/object.ts';
import { idOf, nameFromId, type ObjectName } from '../protocol/object-name.ts';
import type { ActivityStatus } from '../protocol/views.ts';
import { type AdminOptions, adminOptions, configOf, operator } from './operator.ts';
import { CommandError, print, type Terminal } from './terminal.ts';

interface EraseOptions extends AdminOptions {
  readonly reason: OperatorGround;
  readonly note?: string;
}

export function addErase(admin: Command, terminal: Terminal): void {
  adminOptions(admin.command('erase'))
    .description(
      'erase for good: a post or comment, or the words of another act, of a submolt at home here, for everybody; of another home, from this node alone; the founding of a submolt, from this node; or all that an agent has said of itself here',
    )
    .argument('<object>', 'id of the post, comment, act or submolt, or DID of the agent')
    .addOption(
      new Option(
        '--reason <ground>',
        'why; it is logged, and counted by whoever verifies an archive',
      )
        .choices(OPERATOR_GROUNDS)
        .makeOptionMandatory(),
    )
    .option(
      '--note <text>',
      'for people; public and for good, so it must not repeat what is erased',
    )
    .action(async (object: string, options: EraseOptions) => {
      const { json, key, now } = await operator(terminal, options);
      const { authority } = await configOf(terminal, options);
      const agent = parseDid(object);
      const places =
        agent === null
          ? await placesOf(nameOfRef(object), authority, async (path) => {
              const { value } = await json<ActivityStatus>({ method: 'GET', path });
              return value;
            })
          : [{ object: agent, withdrawn: false }];
      const crypto = await loadCrypto();
      for (const place of places) {
        const { withdrawn, ...about } = place;
        const draft: ActivityDraft = {
          type: 'Delete',
          ...about,
          reason: reasonOf(options.reason),
          ...(options.note !== undefined && { summary: options.note }),
        };
        const created = formatDateTime(Math.floor(now() / 1000));
        const { bytes, name } = signObject(draft, { ...key, created }, crypto);
        try {
          await json({ method: 'POST', path: '/api/v1/activities', body: bytes });
        } catch (error) {
          if (place === places.at(-1) || !isDone(error)) throw error;
          continue;
        }
        const what = withdrawn ? 'Withdrawn' : 'Erased';
        const how = withdrawn ? ' from this node alone' : '';
        print(terminal, options, { object, act: name, log: withdrawn ? 'system' : 'home' }, [
          `${what} ${object}${how}; the Delete is ${idOf(name)}.`,
        ]);
      }
    });
}

/** What the Delete names beside the object; `withdrawn`: this node drops its own copy alone. */
type Place = { readonly withdrawn: boolean } & (
  | { readonly object: ObjectName | Did }
  | { readonly object: ObjectName; readonly audience: ObjectName }
  | { readonly object: ObjectName; readonly origin: ObjectName }
);

/**
 * Names the submolt as `audience` where this node is home of it, else as `origin`, and neither for the system log. What founds
 * a submolt stands in both logs: the one erases it, from the other this node drops it.
 */
async function placesOf(
  object: ObjectName,
  authority: string,
  read: (path: string) => Promise<ActivityStatus>,
): Promise<readonly Place[]> {
  const status = await read(`/api/v1/activities/${idOf(object)}`);
  if (status.status === 'pending') return [{ object, origin: status.submolt, withdrawn: true }];
  if (status.status !== 'accepted') {
    throw new CommandError(`${idOf(object)} is ${status.status} here: there is nothing to erase.`);
  }
  const [home, id] = status.receipt.log.split('/log/') as [string, string];
  const submolt = id === idOf(object) ? object : nameFromId(id);
  const isHere = home === authority;
  if (submolt === null) return [{ object, withdrawn: !isHere }];
  const withdrawal = { object, origin: submolt, withdrawn: true };
  if (submolt === object) return isHere ? [{ object, withdrawn: false }, withdrawal] : [withdrawal];
  return [isHere ? { object, audience: submolt, withdrawn: false } : withdrawal];
}

/** Begun before, and ended in between. */
function isDone(error: unknown): boolean {
  return error instanceof ClientError && ['already_deleted', 'item_unknown'].includes(error.code);
}
