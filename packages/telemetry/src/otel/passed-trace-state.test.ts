import { describe, expect, it } from 'vitest';
import { PassedTraceState } from './passed-trace-state.ts';

describe('PassedTraceState', () => {
  it('gives the header back and answers by key', () => {
    const state = PassedTraceState.fromHeader('rojo=1,congo=2');
    expect(state.serialize()).toBe('rojo=1,congo=2');
    expect(state.get('congo')).toBe('2');
    expect(state.get('none')).toBeUndefined();
  });

  it('puts what was set last first and changes no earlier state', () => {
    const state = PassedTraceState.fromHeader('rojo=1,congo=2');
    expect(state.set('congo', '3').serialize()).toBe('congo=3,rojo=1');
    expect(state.unset('rojo').serialize()).toBe('congo=2');
    expect(state.serialize()).toBe('rojo=1,congo=2');
  });
});
