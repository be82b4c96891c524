/**
 * Reads the steps of a workflow file: which kind each is, and what its keys say.
 *
 * @module
 */
import type { ForEach, OnError } from '../plan/routing-plan.ts';
import type { StepCache, WaitStep, WorkflowStep, WorkflowStepBase } from './definition.ts';
import { asEntries, readDuration, readRetry, type Report, type ReportProblem } from './read-values.ts';
import type { StepFile } from './workflow-schema.ts';

const namePattern = /^[\p{L}\p{N}_\- ]{1,128}$/u;
const defaultCacheTtlMs = 300_000;

/** Kinds by the key that only they have. */
const kindKeys = ['tool', 'agent', 'capability', 'parallel', 'if', 'switch', 'workflow'] as const;
/** What `type:` may say, beside the kind's own name, for the kind that a key implies. */
const typesOfKind: Readonly<Record<string, readonly string[]>> = {
  tool: ['tool', 'agent'],
  agent: ['agent', 'tool'],
  capability: ['capability'],
  // The reference writes a fixed group of steps as `type: workflow` with `parallel:`.
  parallel: ['parallel', 'workflow'],
  if: ['conditional'],
  switch: ['switch', 'conditional'],
  workflow: ['workflow'],
};
/** Keys that only one kind of step knows. */
const ownKeys: Readonly<Record<string, readonly string[]>> = {
  action: ['tool', 'agent', 'capability'],
  prompt: ['ai-routing', 'approval'],
  components: ['ai-routing'],
  approvers: ['approval'],
  duration: ['wait'],
  until: ['wait'],
  event: ['wait'],
  then: ['if'],
  else: ['if'],
  cases: ['switch'],
  default: ['switch'],
};

/** Reads steps and reports everything that is wrong with them. */
export class StepReader {
  readonly #report: ReportProblem;

  constructor(report: ReportProblem) {
    this.#report = report;
  }

  /** The steps of a list; those that cannot be read are left out. */
  readSteps(
    value: unknown,
    path: readonly (string | number)[],
    options: { readonly mayBeNameless?: boolean } = {},
  ): WorkflowStep[] {
    if (!Array.isArray(value)) return [];
    return (value as readonly StepFile[]).flatMap((file, index) => {
      const step = this.#readStep(file, [...path, index], options.mayBeNameless === true);
      return step === undefined ? [] : [step];
    });
  }

  #readStep(file: StepFile, path: readonly (string | number)[], mayBeNameless: boolean): WorkflowStep | undefined {
    const name = this.#nameOf(file, path, mayBeNameless);
    const report: Report = (code, message, below) => {
      this.#report(code, `Step "${name}": ${message}`, { path: [...path, ...below], step: name });
    };
    const kind = kindOf(file, report);
    if (kind === undefined || name === '') return undefined;
    for (const [key, kinds] of Object.entries(ownKeys)) {
      if (file[key] !== undefined && !kinds.includes(kind)) {
        report(
          'BAD_STEP_KIND',
          `"${key}" belongs to steps of the kind ${kinds.join(' or ')}, and this is one of the kind ${kind}.`,
          [key],
        );
      }
    }
    return this.#ofKind(kind, { file, path, report, base: readBase(name, file, report) });
  }

  #ofKind(kind: string, { file, path, report, base }: StepParts): WorkflowStep | undefined {
    const text = (key: string): string | undefined => (typeof file[key] === 'string' ? file[key] : undefined);
    switch (kind) {
      case 'tool':
      case 'agent': {
        const componentType = file['type'] === 'tool' || file['type'] === 'agent' ? file['type'] : kind;
        const action = text('action');
        return {
          ...base,
          kind: 'component',
          componentType,
          component: text(kind) ?? '',
          ...(action === undefined ? {} : { action }),
        };
      }
      case 'capability':
        return { ...base, kind, capability: text('capability') ?? '' };
      case 'parallel':
        return { ...base, kind, steps: this.#nested(file['parallel'], [...path, 'parallel'], report) };
      case 'if':
        return {
          ...base,
          kind,
          condition: String(file['if']),
          then: this.#nested(file['then'], [...path, 'then'], report),
          else: this.readSteps(file['else'], [...path, 'else'], { mayBeNameless: true }),
        };
      case 'switch':
        return {
          ...base,
          kind,
          subject: text('switch') ?? '',
          cases: Object.fromEntries(
            Object.entries(asEntries(file['cases']) ?? {}).map(([key, steps]) => [
              key,
              this.readSteps(steps, [...path, 'cases', key], { mayBeNameless: true }),
            ]),
          ),
          default: this.readSteps(file['default'], [...path, 'default'], { mayBeNameless: true }),
        };
      case 'workflow':
        return { ...base, kind, workflow: text('workflow') ?? '' };
      case 'ai-routing': {
        const prompt = text('prompt');
        const components = file['components'] as readonly string[] | undefined;
        return {
          ...base,
          kind,
          ...(prompt === undefined ? {} : { prompt }),
          ...(components === undefined ? {} : { components }),
        };
      }
      case 'approval': {
        const prompt = text('prompt');
        const approvers = file['approvers'] as readonly string[] | undefined;
        return {
          ...base,
          kind,
          ...(prompt === undefined ? {} : { prompt }),
          ...(approvers === undefined ? {} : { approvers }),
        };
      }
      default:
        return readWait(base, file, report);
    }
  }

  #nested(value: unknown, path: readonly (string | number)[], report: Report): WorkflowStep[] {
    const steps = this.readSteps(value, path, { mayBeNameless: true });
    if (!Array.isArray(value) || value.length === 0)
      report('EMPTY_PLAN', `"${String(path.at(-1))}" holds no steps.`, path.slice(-1));
    return steps;
  }

  #nameOf(file: StepFile, path: readonly (string | number)[], mayBeNameless: boolean): string {
    const written = file['name'];
    const target = file['tool'] ?? file['agent'] ?? file['capability'] ?? file['workflow'];
    const name =
      typeof written === 'string'
        ? written
        : mayBeNameless && typeof target === 'string'
          ? target.replaceAll(/[^\p{L}\p{N}_\- ]/gu, '-').slice(0, 128)
          : '';
    if (name.trim() === '') {
      this.#report(
        'MISSING_NAME',
        `Step ${String(Number(path.at(-1)) + 1)} of "${String(path.at(-2))}" has no "name".`,
        { path },
      );
      return '';
    }
    if (!namePattern.test(name)) {
      const message = `The step name ${JSON.stringify(name.slice(0, 128))} may have letters, digits, "_", "-" and spaces only (1 to 128).`;
      this.#report('MISSING_NAME', message, { path: [...path, 'name'], step: name });
    }
    return name;
  }
}

interface StepParts {
  readonly file: StepFile;
  readonly path: readonly (string | number)[];
  readonly report: Report;
  readonly base: WorkflowStepBase;
}

function kindOf(file: StepFile, report: Report): string | undefined {
  const present = kindKeys.filter((key) => file[key] !== undefined);
  const type = file['type'] as string | undefined;
  const [key, second] = present;
  if (key !== undefined && second !== undefined) {
    report('BAD_STEP_KIND', `it has both "${key}" and "${second}"; a step is one of them.`, [second]);
    return undefined;
  }
  if (key !== undefined) {
    if (type === undefined || (typesOfKind[key] ?? []).includes(type)) return key;
    report(
      'BAD_STEP_KIND',
      `its type is ${type}, but "${key}" makes it a step of the kind ${typesOfKind[key]?.[0] ?? key}.`,
      ['type'],
    );
    return undefined;
  }
  if (type === 'ai-routing' || type === 'approval' || type === 'wait') return type;
  const needed = type === undefined ? undefined : type === 'conditional' ? 'if' : type;
  const code = needed === undefined || needed === 'tool' || needed === 'agent' ? 'MISSING_COMPONENT' : 'BAD_STEP_KIND';
  report(
    code,
    needed === undefined
      ? 'nothing says what it does. Give it "tool", "agent", "capability", "parallel", "if", "switch", "workflow", or a "type" of ai-routing, approval or wait.'
      : `a step of the type ${type ?? ''} needs "${needed}".`,
    [],
  );
  return undefined;
}

function readBase(name: string, file: StepFile, report: Report): WorkflowStepBase {
  const retry = readRetry(file['retry'], report);
  const timeoutMs = readDuration(file['timeout'], 'timeout', report);
  const dependsOn = file['depends_on'];
  const forEach = readForEach(file['for_each'], report);
  const cache = readCache(file['cache'], report);
  const when = file['when'] as string | boolean | undefined;
  return {
    name,
    ...(typeof file['description'] === 'string' ? { description: file['description'] } : {}),
    dependsOn: typeof dependsOn === 'string' ? [dependsOn] : [...new Set((dependsOn ?? []) as readonly string[])],
    inputs: typeof file['inputs'] === 'string' ? file['inputs'] : (asEntries(file['inputs']) ?? {}),
    ...(when === undefined ? {} : { when: String(when) }),
    ...(forEach === undefined ? {} : { forEach }),
    ...(retry === undefined ? {} : { retry }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(file['on_error'] === undefined ? {} : { onError: file['on_error'] as OnError }),
    ...(file['effect'] === undefined ? {} : { effect: file['effect'] as NonNullable<WorkflowStepBase['effect']> }),
    ...(file['compensate'] === undefined ? {} : { compensate: file['compensate'] }),
    ...(cache === undefined ? {} : { cache }),
    ...(file['artifact'] === true ? { artifact: true } : {}),
  };
}

function readForEach(value: unknown, report: Report): ForEach | undefined {
  if (value === undefined) return undefined;
  const record = asEntries(value);
  const items = record === undefined ? value : record['items'];
  const maxParallel = record?.['max_parallel'];
  if (
    maxParallel !== undefined &&
    (typeof maxParallel !== 'number' || !Number.isInteger(maxParallel) || maxParallel < 1)
  ) {
    report('BAD_VALUE', `"max_parallel" is ${JSON.stringify(maxParallel)}, but must be a whole number from 1 on.`, [
      'for_each',
      'max_parallel',
    ]);
    return undefined;
  }
  const onError = record?.['on_error'] as ForEach['onError'];
  return {
    items,
    ...(maxParallel === undefined ? {} : { maxParallel }),
    ...(onError === undefined ? {} : { onError }),
  };
}

function readCache(value: unknown, report: Report): StepCache | undefined {
  if (value === undefined || value === false) return undefined;
  if (value === true) return { ttlMs: defaultCacheTtlMs };
  const record = asEntries(value);
  const below: Report = (code, message, path) => {
    report(code, message, record === undefined ? ['cache'] : ['cache', ...path]);
  };
  const ttlMs = readDuration(record === undefined ? value : (record['ttl'] ?? defaultCacheTtlMs), 'ttl', below);
  if (ttlMs === undefined) return undefined;
  return { ttlMs, ...(typeof record?.['key'] === 'string' ? { key: record['key'] } : {}) };
}

function readWait(base: WorkflowStepBase, file: StepFile, report: Report): WaitStep | undefined {
  const given = (['duration', 'until', 'event'] as const).filter((key) => file[key] !== undefined);
  const [key] = given;
  if (key === undefined || given.length > 1) {
    report('BAD_STEP_KIND', 'a wait step needs one of "duration", "until" and "event".', []);
    return undefined;
  }
  if (key === 'until') return { ...base, kind: 'wait', wait: { until: String(file['until']) } };
  if (key === 'event') return { ...base, kind: 'wait', wait: { event: String(file['event']) } };
  const duration = file['duration'];
  const isLater = typeof duration === 'string' && duration.includes('${');
  if (!isLater && readDuration(duration, 'duration', report) === undefined) return undefined;
  return { ...base, kind: 'wait', wait: { duration } };
}
