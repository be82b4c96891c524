import { describe, expect, it } from 'vitest';
import { planTree } from './plan-tree.ts';

const step = (name: string, dependsOn: string[] = [], inputs: Record<string, unknown> = {}) => ({
  name,
  component: 'tool',
  action: 'act',
  inputs,
  dependsOn,
});

describe('planTree', () => {
  it('draws each step once, under the dependency that comes last', () => {
    const plan = {
      steps: [step('berlin'), step('seoul'), step('distance', ['berlin', 'seoul']), step('time', ['seoul'])],
    };
    expect(planTree(plan)).toEqual([
      '├─ berlin  tool.act()',
      '└─ seoul  tool.act()',
      '   ├─ distance  tool.act()  (also after berlin)',
      '   └─ time  tool.act()',
    ]);
  });

  it('shows inputs in short and the note behind each step', () => {
    const lines = planTree({ steps: [step('a', [], { city: 'x'.repeat(80), amount: 5 })] }, () => '✔ 3 ms');
    expect(lines).toEqual([`└─ a  tool.act(city: ${'x'.repeat(45)}..., amount: 5)  ✔ 3 ms`]);
  });

  it('shows references by where they lead', () => {
    const inputs = { amount: '${steps.get-quote.output.price * 100}', text: 'to ${steps.a.output.city}' };
    const [line] = planTree({ steps: [step('b', [], inputs)] });
    expect(line).toBe('└─ b  tool.act(amount: get-quote.price * 100, text: to a.city)');
  });
});
