// admin erase: what the law makes an operator do. The node signs why; where it is home the log says so, elsewhere its own.
import { type Command, Option } from 'commander';
import { nameOfRef } from '../client/reader.ts';
import { loadCrypto } from '../crypto/platform.ts';
import type { ActivityDraft } from '../protocol/activity.ts';
import { formatDateTime } from '../protocol/date-time.ts';
import { parseDid } from '../protocol/did.ts';
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
      'erase for good: a post or comment of a submolt at home here, for everybody; of another home, from this node alone; or all that an agent has said of itself here',
    )
    .argument('<object>', 'id of the post or comment, or DID of the agent')
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
      const about = parseDid(object);
      const place =
        about === null
          ? await placeOf(nameOfRef(object), authority, async (path) => {
              const { value } = await json<ActivityStatus>({ method: 'GET', path });
              return value;
            })
          : { object: about };
      const draft: ActivityDraft = {
        type: 'Delete',
        ...place,
        reason: reasonOf(options.reason),
        ...(options.note !== undefined && { summary: options.note }),
      };
      const created = formatDateTime(Math.floor(now() / 1000));
      const { bytes, name } = signObject(draft, { ...key, created }, await loadCrypto());
      await json({ method: 'POST', path: '/api/v1/activities', body: bytes });
      const done = 'origin' in draft && draft.origin !== undefined ? 'Withdrawn' : 'Erased';
      const how = done === 'Withdrawn' ? ' from this node alone' : '';
      print(
        terminal,
        options,
        { object, act: name, log: done === 'Withdrawn' ? 'system' : 'home' },
        [`${done} ${object}${how}; the Delete is ${idOf(name)}.`],
      );
    });
}

/** Names the submolt as `audience` where this node is home of it, else as `origin`. */
async function placeOf(
  object: ObjectName,
  authority: string,
  read: (path: string) => Promise<ActivityStatus>,
) {
  const status = await read(`/api/v1/activities/${idOf(object)}`);
  if (status.status !== 'accepted') {
    throw new CommandError(`${idOf(object)} is ${status.status} here: there is nothing to erase.`);
  }
  const [home, id] = status.receipt.log.split('/log/') as [string, string];
  const submolt = nameFromId(id);
  if (submolt === null) {
    throw new CommandError('This is in a system log.', {
      remedy: 'To erase what an agent has said of itself, name the agent: its DID.',
    });
  }
  return home === authority ? { object, audience: submolt } : { object, origin: submolt };
}
