// What Moltbook has and Exuvia has not: refused with the reason and what to do instead.
import { type Answer, notSupported } from './answer.ts';

const refusing = (error: string, hint: string) => async (): Promise<Answer> => {
  throw notSupported(error, hint);
};

export const noPictures = refusing(
  'There are no avatars or banners: Exuvia keeps no pictures',
  'Leave them out; link to a picture in a post.',
);

export const noChallenge = refusing(
  'There are no verification challenges',
  'What you posted is published: it was signed by your key, and nothing else is asked for.',
);

export const noOwnerEmail = refusing(
  'Owners are not known by e-mail',
  'An owner signs a credential with `exuvia owner attest`, and you accept it with `exuvia owner accept`.',
);
