/**
 * What all tools of this app share: how a company is named, and what happens when it is unknown.
 *
 * @module
 */
import { GomindError } from '@gomind/core';
import { z } from 'zod';
import { findCompany, type SampleCompany, sampleDate, sampleNames } from '../data/sample-companies.ts';

/** The input of every capability. */
export const companyInput = z.object({
  company: z
    .string()
    .min(1)
    .max(80)
    .describe('Name or ticker symbol of the company')
    .meta({ examples: ['Acme Robotics', 'ACMR'] }),
});

/** What every output says of its origin. */
export const origin = {
  company: z.string().describe('Full name of the company'),
  as_of: z.iso.date().describe('Day of the data'),
  is_sample: z.literal(true).describe('The data is made up'),
};

/**
 * The company of a name.
 *
 * @param wanted name or symbol
 * @throws GomindError `INPUT_ERROR` when the table has no such company
 */
export function knownCompany(wanted: string): SampleCompany {
  const company = findCompany(wanted);
  if (company !== undefined) return company;
  throw new GomindError({
    code: 'INPUT_ERROR',
    message: `There is no company "${wanted}" in the sample data. It has ${sampleNames.join(', ')}.`,
  });
}

/** The origin of what a tool says. */
export function originOf({ name }: SampleCompany): { company: string; as_of: string; is_sample: true } {
  return { company: name, as_of: sampleDate, is_sample: true };
}
