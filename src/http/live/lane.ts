// One after the other: whoever has much to read again takes no more turns than anybody else, and all of them leave turns to requests.

export class Lane {
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` when all that was handed in before is done, and everything that had arrived has had a turn. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(breath).then(work);
    this.#last = done.then(nothing, nothing);
    return done;
  }
}

/** Longer than a turn of the event loop, so that reading again and again never fills it. */
function breath(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}

function nothing(): void {}
