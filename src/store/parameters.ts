// Counts the parameters of a statement, so that drivers can check how many arguments they are given.

const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\?(\d*)/g;

/** Highest `?n`, or the number of plain `?`. A statement uses one of the two forms, never both. */
export function parameterCount(sql: string): number {
  let plain = 0;
  let highest = 0;
  for (const [token, digits] of sql.matchAll(TOKEN)) {
    if (!token.startsWith('?')) continue;
    if (digits) highest = Math.max(highest, Number(digits));
    else plain += 1;
  }
  return Math.max(plain, highest);
}
