import type { LogLevel } from '@gomind/core';
import { type ContractCase, loggerContract, telemetryContract } from '@gomind/core/testing';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, it } from 'vitest';
import { createJsonLogger, createTelemetry } from './index.ts';

function check(subject: string, cases: readonly ContractCase[]): void {
  describe(subject, () => {
    for (const { name, run } of cases) it(name, run);
  });
}

check(
  'telemetry with an SDK',
  telemetryContract(() => {
    const tracerProvider = new TracerProvider({
      spanProcessors: [new SimpleSpanProcessor({ exporter: new InMemorySpanExporter() })],
    });
    return { telemetry: createTelemetry({ tracerProvider }), isRecording: true };
  }),
);

// Ids are made without an SDK too, so that logs and calls of one run can be told from others.
check(
  'telemetry without an SDK',
  telemetryContract(() => ({ telemetry: createTelemetry(), isRecording: true })),
);

check(
  'the JSON logger',
  loggerContract(() => {
    const lines: string[] = [];
    const logger = createJsonLogger({ level: 'debug', write: (line) => lines.push(line) });
    const records = () =>
      lines.map((line) => {
        const { level, message, ...fields } = JSON.parse(line) as { level: LogLevel; message: string };
        return { level, message, fields };
      });
    return { logger, records };
  }),
);
