// Structured fields (RFC 8941), read strictly: what the general parser lets pass without a word is refused here.
import {
  type BareItem,
  type Dictionary,
  isInnerList,
  parseDictionary,
  Token,
} from 'structured-headers';

export type { BareItem, Dictionary, InnerList, Item } from 'structured-headers';
export { isInnerList, Token } from 'structured-headers';

interface Separators {
  members: number;
  parameters: number;
}

/** How many members and parameters the text of a dictionary that has parsed spells out. */
function countSeparators(field: string): Separators {
  const count: Separators = { members: field.trim() === '' ? 0 : 1, parameters: 0 };
  let quoted = false;
  for (let i = 0; i < field.length; i++) {
    const character = field[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === ',') count.members++;
    else if (character === ';') count.parameters++;
  }
  return count;
}

const STRING = /"(?:[^"\\]|\\.)*"/g;
/** Tokens and keys do not begin with a digit, so this is the beginning of a Decimal. */
const DECIMAL = /[=( ]-?[0-9]+\./;

/**
 * The parser makes one number of `1` and `1.0`, so a Decimal would pass for an Integer and be serialised as one.
 * No field here has a use for it.
 */
function hasDecimal(field: string): boolean {
  return DECIMAL.test(field.replace(STRING, ''));
}

/** RFC 9651 added dates and display strings; RFC 9421 knows neither, and serialisers differ on them. */
function isPlain(value: BareItem): boolean {
  return typeof value !== 'object' || value instanceof ArrayBuffer || value instanceof Token;
}

function arePlain(parameters: ReadonlyMap<string, BareItem>): boolean {
  for (const value of parameters.values()) if (!isPlain(value)) return false;
  return true;
}

/**
 * The dictionary that a field's combined value spells, or null.
 *
 * Decimals are refused. Beyond RFC 8941 §4.2.2 a key or parameter that occurs twice is refused as well. The general rule is that the last
 * one wins, and two readers of which one takes the first would see two different requests.
 */
export function parseStrictDictionary(field: string): Dictionary | null {
  let dictionary: Dictionary;
  try {
    dictionary = parseDictionary(field);
  } catch {
    return null;
  }
  if (hasDecimal(field)) return null;
  let parameters = 0;
  for (const member of dictionary.values()) {
    parameters += member[1].size;
    if (!arePlain(member[1])) return null;
    if (!isInnerList(member)) {
      if (!isPlain(member[0])) return null;
      continue;
    }
    for (const [value, own] of member[0]) {
      parameters += own.size;
      if (!isPlain(value) || !arePlain(own)) return null;
    }
  }
  const spelled = countSeparators(field);
  const once = spelled.members === dictionary.size && spelled.parameters === parameters;
  return once ? dictionary : null;
}
