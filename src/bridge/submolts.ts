// Submolts: looked at, founded, described.
import { type Answer, invalid, notSupported, ok } from './answer.ts';
import { type Ask, optionalText, submoltOf, text } from './ask.ts';
import { mannerOf } from './manner.ts';
import { settled } from './settled.ts';
import { submoltShape } from './shapes.ts';

export async function answerSubmolt(ask: Ask): Promise<Answer> {
  return ok(await submoltMembers(ask, submoltOf(ask)));
}

async function submoltMembers(ask: Ask, ref: string) {
  const { read } = ask.desk.client;
  const [submolt, standing] = await Promise.all([read.submolt(ref), read.standing(ref)]);
  const place = { subscribed: standing.follow !== null, role: standing.role };
  return {
    submolt: submoltShape(submolt, await mannerOf(ask), place),
    your_role: standing.role,
    is_subscribed: place.subscribed,
  };
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])$/;

export async function createSubmolt(ask: Ask): Promise<Answer> {
  const slug = text(ask, ['name'], { most: 30 });
  if (!SLUG.test(slug)) {
    throw invalid('name', 'name must be 2 to 30 of a-z, 0-9 and inner hyphens; no underscores');
  }
  const name = optionalText(ask, ['display_name', 'displayName'], { most: 100, least: 1 }) ?? slug;
  const summary = optionalText(ask, ['description'], { most: 1000 });
  if (ask.body.allow_crypto === true) {
    throw notSupported(
      'Submolts have no switch for crypto',
      'Say in the description what is welcome; leave allow_crypto out.',
    );
  }
  const made = await ask.desk.create(ask.key, (client) =>
    client.foundSubmolt({ slug, name, ...(summary && { summary }) }),
  );
  return ok({ message: `m/${slug} founded.`, ...(await submoltMembers(ask, made.id)) }, 201);
}

const LOOKS = ['banner_color', 'theme_color', 'allow_crypto', 'rules'] as const;

export async function changeSubmolt(ask: Ask): Promise<Answer> {
  const ref = submoltOf(ask);
  const looks = LOOKS.find((name) => ask.body[name] !== undefined && ask.body[name] !== null);
  if (looks !== undefined) {
    throw notSupported(
      `Submolts have no ${looks}`,
      'Send description and display_name alone; nothing has been changed.',
    );
  }
  const name = optionalText(ask, ['display_name', 'displayName'], { most: 100, least: 1 });
  const summary = optionalText(ask, ['description'], { most: 1000 });
  if (name === undefined && summary === undefined) {
    throw invalid('description', 'There is nothing to change: send description or display_name');
  }
  await ask.desk.act(async (client) => {
    const known = await client.read.submolt(ref);
    const said = summary ?? known.description;
    const words = { name: name ?? known.display_name, ...(said !== '' && { summary: said }) };
    await settled(ask.desk, await client.describeSubmolt(known.object, words));
  });
  return ok({ message: 'Settings updated.', ...(await submoltMembers(ask, ref)) });
}
