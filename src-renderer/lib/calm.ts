/** Work that many small changes ask for, done at a calm rate: at once after a pause, and then once for all that came meanwhile. */

export interface Calm {
  /** Asks for the work. */
  readonly ask: () => void;
  /** Forgets what was asked for. */
  readonly end: () => void;
}

/** The next run begins when the one before has ended, and not sooner than `everyMs` after it began. */
export function calmly(everyMs: number, work: () => Promise<void>): Calm {
  let isAsked = false;
  let isRunning = false;
  let startedMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const runLater = () => {
    if (isRunning || timer !== undefined || !isAsked) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        void run();
      },
      Math.max(0, startedMs + everyMs - performance.now()),
    );
  };
  const run = async () => {
    isAsked = false;
    isRunning = true;
    startedMs = performance.now();
    await work().finally(() => {
      isRunning = false;
    });
    runLater();
  };
  return {
    ask: () => {
      isAsked = true;
      runLater();
    },
    end: () => {
      isAsked = false;
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
