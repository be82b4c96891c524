/**
 * The context manager that `setupTelemetry` registers: OpenTelemetry's contexts in the one store that this package has anyway.
 * A second store would cost something at every promise of the application.
 *
 * @module
 */
import type { Context, ContextManager } from '@opentelemetry/api';
import { type ActiveFrame, currentFrame, enterFrame, runInFrame, type TraceIds } from '../context/active-frame.ts';
import type { OpenTelemetryApi } from '../otel/open-telemetry-api.ts';
import type { SdkModules } from './sdk-modules.ts';

/** Makes the manager; binding to functions and emitters is the SDK's. */
export function createFrameContextManager({ hooks }: SdkModules, api: OpenTelemetryApi): ContextManager {
  const manager: ContextManager = new hooks.AsyncLocalStorageContextManager().enable();
  const frameOf = (context: Context): ActiveFrame => ({
    trace: { context, isManaged: false, ids: idsOf(context, api) },
    logFields: currentFrame()?.logFields,
  });
  manager.active = () => currentFrame()?.trace?.context ?? api.ROOT_CONTEXT;
  manager.with = (context, operation, ...[thisArg, ...args]) =>
    runInFrame(frameOf(context), () => operation.call(thisArg, ...args));
  manager.attach = (context) => {
    const before = currentFrame();
    enterFrame(frameOf(context));
    return {
      dispose: () => {
        enterFrame(before);
      },
    };
  };
  return manager;
}

function idsOf(context: Context, { trace, isSpanContextValid }: OpenTelemetryApi): TraceIds | undefined {
  const ids = trace.getSpanContext(context);
  return ids !== undefined && isSpanContextValid(ids) ? ids : undefined;
}
