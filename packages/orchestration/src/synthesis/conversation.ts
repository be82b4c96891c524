/**
 * What is remembered of a conversation.
 *
 * @module
 */

/** A request and its answer. */
export interface ConversationTurn {
  readonly request: string;
  readonly response: string;
}

/** What a planner and a synthesizer are told of a conversation. */
export interface Conversation {
  /** What was said before the turns; empty when nothing was. */
  readonly summary: string;
  /** The latest ones, oldest first. */
  readonly turns: readonly ConversationTurn[];
}
