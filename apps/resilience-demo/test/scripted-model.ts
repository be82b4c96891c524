/**
 * A model that plans one conversion, with the component that the request names or else the first it is offered, so that the demo and the tests need none. It is
 * asked over the wire, by the real SDK, and it can be broken.
 *
 * @module
 */
import type { WireReply, WireRequest } from '@gomind/openai-wire-server';

interface PlanningData {
  readonly request: string;
  readonly components: readonly { readonly component: string }[];
}

/** A model, and the means to break it: then every request is answered with a 503. */
export class ScriptedModel {
  isBroken = false;
  calls = 0;

  /** Answers one request. */
  readonly reply = ({ body }: WireRequest): WireReply => {
    this.calls++;
    if (this.isBroken) return { status: 503 };
    const messages = body['messages'] as readonly { readonly role: string; readonly content: string }[];
    const { request, components } = JSON.parse(messages.at(-1)?.content ?? '') as PlanningData;
    const [, amount, from, to] = /(\d+) (\w{3}) to (\w{3})/.exec(request) ?? [];
    const step = {
      name: 'convert',
      component: (components.find(({ component }) => request.includes(component)) ?? components[0])?.component,
      action: 'convert',
      inputs: { amount: Number(amount), from, to },
      depends_on: [],
    };
    return { text: JSON.stringify({ steps: [step] }) };
  };
}
