// Reads HTML as the pages write it, tag by tag, and names everything that is not theirs.

const ELEMENTS = new Set(
  (
    'html head meta title link body a header nav main footer section article aside h1 h2 h3 h4 h5 h6 p div span ' +
    'strong em s b br hr ul ol li dl dt dd pre code blockquote table thead tbody tr th td time svg path details summary'
  ).split(' '),
);

const ATTRIBUTES = new Set(
  (
    'lang charset name content rel href type class id dir tabindex datetime start title aria-label aria-labelledby ' +
    'aria-current aria-hidden viewBox width height fill d'
  ).split(' '),
);

interface Tag {
  readonly name: string;
  readonly attributes: readonly (readonly [string, string])[];
}

/** Exact where every `<` and `>` of a text and every quote of an attribute is escaped, which is what is tested. */
function tagsIn(html: string): Tag[] {
  return [...html.matchAll(/<([^\s/>]+)([^>]*)>/g)].map(([, name = '', rest = '']) => ({
    name,
    attributes: [...rest.matchAll(/([^\s="'/]+)(?:="([^"]*)")?/g)].map(
      ([, attribute = '', value = '']) => [attribute, value] as const,
    ),
  }));
}

/** Elements and attributes that no page of ours has. */
export function strayMarkup(html: string): string[] {
  return tagsIn(html.replace(/^<!doctype html>/, '')).flatMap(({ name, attributes }) => [
    ...(ELEMENTS.has(name) ? [] : [`<${name}>`]),
    ...attributes
      .filter(([attribute]) => !ATTRIBUTES.has(attribute))
      .map(([it]) => `${name} ${it}`),
  ]);
}

/** Values of all `href`, entities decoded. */
export function addressesIn(html: string): string[] {
  return tagsIn(html).flatMap(({ attributes }) =>
    attributes.filter(([name]) => name === 'href').map(([, value]) => decoded(value)),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]!);
}
