/**
 * Keeps retries from feeding an outage: they are paid from a bucket that successes fill, one retry for ten successes. The
 * share is that of the "per-client retry budget" in Google's Site Reliability Engineering, chapter 21.
 *
 * @module
 */

/** Retries that need no success before them: a blip may be retried by everyone it hit. */
const freeRetries = 50;
const successesForRetry = 10;

/** Shared by all callers of one dependency. In the long run there are at most 1.1 calls for a request. */
export class RetryBudget {
  #successes = freeRetries * successesForRetry;

  /**
   * Pays for a retry.
   *
   * @returns false when there is nothing left, and the failure has to stand
   */
  spend(): boolean {
    if (this.#successes < successesForRetry) return false;
    this.#successes -= successesForRetry;
    return true;
  }

  /** Notes a success. */
  earn(): void {
    this.#successes = Math.min(freeRetries * successesForRetry, this.#successes + 1);
  }
}
