// XML 1.0 by hand: elements with attributes, and text of strangers that stays text.

/** XML 1.0 §2.2: what may stand in a document at all, escaped or not. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A reader would make spaces of them in an attribute, and line feeds of the last one anywhere.
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** An element around a text, or around elements. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: string | readonly string[],
): string {
  const pairs = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(value).replace(/[\t\n]/g, escapeOf)}"`,
  );
  const inner = typeof content === 'string' ? escaped(content) : `\n${content.join('')}`;
  return inner === ''
    ? `<${name}${pairs.join('')}/>\n`
    : `<${name}${pairs.join('')}>${inner}</${name}>\n`;
}

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${root}`;
}

function escaped(text: string): string {
  return text.replace(NO_CHARACTER, '\uFFFD').replace(/[&<>"'\r]/g, escapeOf);
}

function escapeOf(character: string): string {
  return ESCAPES[character] ?? character;
}
