/**
 * All tools of the travel assistant.
 *
 * @module
 */
import { airportTool } from './airport-tool.ts';
import { calculatorTool } from './calculator-tool.ts';
import { countryTool } from './country-tool.ts';
import { currencyTool } from './currency-tool.ts';
import { distanceTool } from './distance-tool.ts';
import { geoTool } from './geo-tool.ts';
import { stockTool } from './stock-tool.ts';
import { sunTool } from './sun-tool.ts';
import { timeTool } from './time-tool.ts';

/** Every tool, each served as an HTTP component of its own. */
export const travelTools = [
  stockTool,
  currencyTool,
  countryTool,
  geoTool,
  airportTool,
  distanceTool,
  sunTool,
  timeTool,
  calculatorTool,
] as const;
