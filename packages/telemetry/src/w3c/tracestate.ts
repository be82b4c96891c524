/**
 * The `tracestate` header of W3C Trace Context: what tracing systems tell their own kind. We only pass it on.
 *
 * Source: https://www.w3.org/TR/trace-context-2/#tracestate-header
 *
 * @module
 */

const maxMembers = 32;
/** The length that everybody must be able to pass on; we pass on no more. */
const maxLength = 512;
/** Beyond this a header is not looked at. */
const maxHeaderLength = 8_192;
const keyPattern = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
const valuePattern = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Checks a `tracestate` header.
 *
 * @returns the header without empty members, cut at its right end to whole members within 512 characters; undefined when
 * it is absent, empty, malformed, repeats a key or has more than 32 members
 */
export function parseTracestate(header: string | undefined): string | undefined {
  if (header === undefined || header.length > maxHeaderLength) return undefined;
  const members = header
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > maxMembers) return undefined;
  const keys = new Set<string>();
  for (const member of members) {
    const separator = member.indexOf('=');
    const key = member.slice(0, Math.max(0, separator));
    if (!keyPattern.test(key) || !valuePattern.test(member.slice(separator + 1)) || keys.has(key)) return undefined;
    keys.add(key);
  }
  while (members.join(',').length > maxLength) members.pop();
  return members.length === 0 ? undefined : members.join(',');
}
