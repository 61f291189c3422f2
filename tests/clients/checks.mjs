// What the programs in JavaScript are held against: the checks of `checks.py`, with the same names and the same words.

// The two revisions that the eras are named for.
export const REVISIONS = { legacy: "2025-11-25", modern: "2026-07-28", auto: "2026-07-28" };

const NAMES = [
  "lists", "call", "structured", "errors", "resources", "prompts", "completion", "progress", "logs", "form", "decline",
  "page", "sampling", "roots", "cancel", "lists-change", "resource-changes",
];

// How long one check may take. It is met only by one that fails.
const PATIENCE_MS = 180_000;

// The command that starts the server.
export function stdio() {
  return [process.env.PORTCULLIS, "--config", process.env.PORTCULLIS_CONFIG, "serve"];
}

// Where the server is over HTTP.
export function url() {
  return process.env.PORTCULLIS_URL;
}

// Runs each check once, which returns why it cannot be made, or nothing. The first failure ends the program.
export async function run(checks) {
  for (const name of NAMES) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    try {
      const why = await Promise.race([checks[name](), late]);
      console.log(why ? `cannot ${name}: ${why}` : `passed ${name}`);
    } catch (error) {
      console.log(`failed ${name}: ${error.message.split("\n")[0]}`);
      console.error(error);
      // Not at once: whoever tidies up does it when the program ends.
      process.exitCode = 1;
      return;
    } finally {
      clearTimeout(timer);
    }
  }
}

// Things that happened, each of which is waited for.
export class Events {
  #happened = [];
  #waiting = [];

  put(event) {
    this.#happened.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  // Waits until an event comes for which `wanted` holds, and gives it.
  async next(wanted = () => true) {
    for (;;) {
      while (this.#happened.length > 0) {
        const event = this.#happened.shift();
        if (wanted(event)) return event;
      }
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }

  clear() {
    this.#happened = [];
  }
}
