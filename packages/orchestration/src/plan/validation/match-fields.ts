/**
 * When a field of an output fits a parameter by its name. Names are the same when they differ only in case and in separators
 * (`countryCode`, `country_code`, `COUNTRY-CODE`). There are no aliases: `latitude` is not `lat`, because a guess that is wrong
 * once is worse than a question.
 *
 * @module
 */

/** Keys under which components wrap what they return. */
const wrappers: readonly string[] = ['data', 'response'];

/** A name without case and separators. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * The places in an output that have a parameter's name: at the top, or inside one of the usual wrappers.
 *
 * @param parameter name of the parameter
 * @param fieldsOf the fields at a place, or undefined when there are none
 * @returns paths inside the output
 */
export function fieldsNamed(
  parameter: string,
  fieldsOf: (path: readonly string[]) => readonly string[] | undefined,
): string[][] {
  const wanted = plainName(parameter);
  if (wanted === '') return [];
  const top = fieldsOf([]) ?? [];
  const places: string[][] = [[], ...wrappers.filter((wrapper) => top.includes(wrapper)).map((wrapper) => [wrapper])];
  return places.flatMap((place) =>
    (fieldsOf(place) ?? []).filter((field) => plainName(field) === wanted).map((field) => [...place, field]),
  );
}
