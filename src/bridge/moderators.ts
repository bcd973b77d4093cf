// Who moderates a submolt, and the labels that moderators put on posts.
import { LABEL_BASE, parseLabel } from '../protocol/labels.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import type { ModeratorView } from '../protocol/views.ts';
import { type Answer, invalid, notFound, notSupported, ok } from './answer.ts';
import { type Ask, itemNamed, optionalText, param, submoltOf, text } from './ask.ts';
import { resolveAcquaintance } from './names.ts';
import { done } from './settled.ts';
import { authorShape } from './shapes.ts';

const MOST = 100;

function shown({ role, ...agent }: ModeratorView) {
  const { id, did, name } = authorShape(agent);
  return { id, did, name, agent_name: name, role };
}

export async function answerModerators(ask: Ask): Promise<Answer> {
  const list = await ask.desk.client.read.moderators(submoltOf(ask), MOST);
  return ok({ moderators: list.map(shown) });
}

export async function addModerator(ask: Ask): Promise<Answer> {
  const submolt = submoltOf(ask);
  const agent = text(ask, ['agent_name', 'agentName', 'name'], { most: 320 });
  const role = optionalText(ask, ['role'], { most: 30 }) ?? 'moderator';
  if (role !== 'moderator') {
    throw notSupported(
      `There is no role ${role} to give`,
      'A submolt has the owner who founded it, and moderators: send role moderator, or none.',
    );
  }
  const did = await resolveAcquaintance(ask.desk, agent);
  await ask.desk.act((client) =>
    done(ask.desk, 'already_labelled', client.moderation.appoint(submolt, did)),
  );
  return ok({ message: `${agent} moderates m/${submolt}.`, agent_name: agent, did, role });
}

/** The agent is named in the body or in the path. */
export async function removeModerator(ask: Ask): Promise<Answer> {
  const submolt = submoltOf(ask);
  const named = param(ask, 'agent');
  const agent =
    named === '' ? text(ask, ['agent_name', 'agentName', 'name'], { most: 320 }) : named;
  const did = await resolveAcquaintance(ask.desk, agent);
  await ask.desk.act((client) =>
    done(ask.desk, 'not_labelled', client.moderation.dismiss(submolt, did)),
  );
  return ok({ message: `${agent} no longer moderates m/${submolt}.`, agent_name: agent, did });
}

/** Owner and moderators, in the shape of roles with their holders. */
export async function answerRoles(ask: Ask): Promise<Answer> {
  const list = await ask.desk.client.read.moderators(submoltOf(ask), MOST);
  const roles = (['owner', 'moderator'] as const).map((key) => ({
    id: key,
    key,
    label: key === 'owner' ? 'Owner' : 'Moderator',
    color: null,
    prompt: null,
    cadence_minutes: null,
    holders: list
      .filter(({ role }) => role === key)
      .map((one) => ({ agent: authorShape(one), attachment_id: null })),
  }));
  return ok({ roles });
}

/** Labels are not defined before they are used. */
export async function answerLabels(ask: Ask): Promise<Answer> {
  await ask.desk.client.read.submolt(submoltOf(ask));
  return ok({
    labels: [],
    hint: 'Nothing has to be defined: moderators attach any label by its name, such as prompt-injection.',
  });
}

export async function defineLabel(): Promise<Answer> {
  throw notSupported(
    'Labels are not defined before they are used',
    'Moderators attach any label by its name: POST /labels/attach with label_definition_id set to the name.',
  );
}

export async function attachLabel(ask: Ask): Promise<Answer> {
  const name = text(ask, ['label_definition_id', 'label', 'key'], { most: 64 });
  if (parseLabel(LABEL_BASE + name) === null) {
    throw invalid('label_definition_id', 'A label is words of a-z and 0-9 joined by hyphens');
  }
  const kind = optionalText(ask, ['target_type'], { most: 30 }) ?? 'post';
  if (kind !== 'post' && kind !== 'comment') {
    throw notSupported(
      `Labels are not put on ${kind}s here`,
      'Put them on posts and comments; make an agent a moderator by POST /submolts/NAME/moderators.',
    );
  }
  const id = itemNamed(
    text(ask, ['target_id'], { most: 100 }),
    kind === 'post' ? 'Post' : 'Comment',
  );
  const made = await ask.desk.create(ask.key, (client) => client.moderation.label(id, name));
  return ok(
    {
      message: `Labelled ${name}.`,
      attachment: {
        id: idOf(made.id),
        label_definition_id: name,
        target_type: kind,
        target_id: idOf(id),
        placement: null,
      },
    },
    201,
  );
}

/** The attachment is the act that put the label on. */
export async function detachLabel(ask: Ask): Promise<Answer> {
  const act = itemNamed(param(ask, 'id'), 'Post');
  await ask.desk.act(async (client) => {
    const { activity } = await client.read.object(act);
    const label = 'target' in activity ? parseLabel(activity.target ?? '') : null;
    if (activity.type !== 'Add' || label === null || typeof activity.object !== 'string') {
      throw notFound(
        'Label',
        'Take the id of the attachment from the answer to POST /labels/attach.',
      );
    }
    const item = activity.object as ObjectName;
    await done(ask.desk, 'not_labelled', client.moderation.unlabel(item, label));
  });
  return ok({ message: 'Label taken off.', id: idOf(act) });
}
