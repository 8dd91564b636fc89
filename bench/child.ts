/** A process of its own for what a measurement asks, so that nobody who asks pays for it: one message, one answer, in turn. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export class Child<To extends object, From extends object> {
  private readonly child: ChildProcess;

  constructor(script: URL) {
    this.child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  }

  /** Throws when the answer is another than the one that was waited for. */
  async tell<K extends string>(message: To, answer: K): Promise<Extract<From, Record<K, unknown>>> {
    const answered = once(this.child, 'message');
    this.child.send(message);
    const [found] = (await answered) as [From];
    if (!(answer in found)) throw new Error(`the child answered ${JSON.stringify(found).slice(0, 200)}`);
    return found as Extract<From, Record<K, unknown>>;
  }

  close(): void {
    this.child.kill();
  }
}

/** In the child: every message gets what `answer` makes of it. */
export function answerEach<To, From>(answer: (message: To) => Promise<From>): void {
  process.on('message', (message: To) => {
    void answer(message).then((found) => process.send?.(found));
  });
}
