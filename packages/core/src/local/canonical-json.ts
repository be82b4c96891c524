/**
 * One text for equal JSON values.
 *
 * @module
 */

/**
 * JSON with sorted object keys and no spaces: equal values give equal texts (in the manner of RFC 8785).
 *
 * @param value a JSON value
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    const record = inner as Readonly<Record<string, unknown>>;
    // A null prototype keeps a key named "__proto__" an ordinary key.
    const sorted = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(record).sort()) sorted[key] = record[key];
    return sorted;
  });
}
