/**
 * The `baggage` header of W3C Baggage: values that travel with a request. Whatever comes in also goes out to the services
 * called next, so nothing secret belongs in it.
 *
 * Source: https://www.w3.org/TR/baggage/
 *
 * @module
 */

/** One value that travels with a request. */
export interface BaggageMember {
  /** A token as in HTTP header names. */
  readonly key: string;
  readonly value: string;
  /** Properties as they stand in the header, for example `ttl=5;private`. */
  readonly metadata?: string | undefined;
}

/** Bytes of a whole header, at most. */
const maxBytes = 8_192;
const maxMembers = 64;
const keyPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valuePattern = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const metadataPattern = /^[\t\x20-\x2b\x2d-\x7e]*$/;

/**
 * Reads a `baggage` header.
 *
 * @returns well-formed members in order, the last of equal keys; at most 64 members from the first 8,192 bytes, the rest
 * and the malformed are dropped
 */
export function parseBaggage(header: string | undefined): readonly BaggageMember[] {
  if (header === undefined) return [];
  const members = new Map<string, BaggageMember>();
  for (const text of wholeMembers(header)) {
    const member = parseMember(text);
    if (member !== undefined && (members.size < maxMembers || members.has(member.key))) members.set(member.key, member);
  }
  return [...members.values()];
}

/**
 * Writes a `baggage` header; values are percent-encoded.
 *
 * @returns an empty string when there is nothing to say; members beyond 64 or 8,192 bytes, and those that cannot be written, are dropped
 */
export function formatBaggage(members: Iterable<BaggageMember>): string {
  let header = '';
  let count = 0;
  for (const member of members) {
    const text = formatMember(member);
    if (text === undefined) continue;
    const longer = header === '' ? text : `${header},${text}`;
    if (count === maxMembers || longer.length > maxBytes) continue;
    header = longer;
    count += 1;
  }
  return header;
}

/** The members that lie wholly within the first `maxBytes` characters. */
function wholeMembers(header: string): readonly string[] {
  if (header.length <= maxBytes) return header.split(',');
  const members = header.slice(0, maxBytes + 1).split(',');
  return members.slice(0, -1);
}

function parseMember(text: string): BaggageMember | undefined {
  const propertiesAt = text.indexOf(';');
  const pair = propertiesAt === -1 ? text : text.slice(0, propertiesAt);
  const separator = pair.indexOf('=');
  if (separator === -1) return undefined;
  const key = pair.slice(0, separator).trim();
  const value = pair.slice(separator + 1).trim();
  const metadata = propertiesAt === -1 ? '' : text.slice(propertiesAt + 1).trim();
  if (!keyPattern.test(key) || !valuePattern.test(value) || !metadataPattern.test(metadata)) return undefined;
  return { key, value: decodePercent(value), ...(metadata === '' ? {} : { metadata }) };
}

function formatMember({ key, value, metadata = '' }: BaggageMember): string | undefined {
  if (!keyPattern.test(key) || !metadataPattern.test(metadata)) return undefined;
  try {
    const pair = `${key}=${encodeURIComponent(value)}`;
    return metadata === '' ? pair : `${pair};${metadata}`;
  } catch {
    // Half of a surrogate pair has no encoding.
    return undefined;
  }
}

/** Octets that are no UTF-8 become U+FFFD, as the standard says; `decodeURIComponent` would throw. */
function decodePercent(value: string): string {
  return value.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
