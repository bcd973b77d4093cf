// One thread of `verify`: examines the bodies it is sent.
import { parentPort } from 'node:worker_threads';
import { loadCrypto } from '../crypto/platform.ts';
import { createExaminer } from '../log/body-examiner.ts';
import type { Answer, Task } from './examine-messages.ts';

const examiner = createExaminer(await loadCrypto());

async function answer(task: Task): Promise<Answer> {
  const { id } = task;
  try {
    if (task.kind === 'check') {
      return { kind: 'check', id, verdicts: await examiner.check(task.signatures) };
    }
    return { kind: 'examine', id, examined: await examiner.examine(task.batch) };
  } catch (error) {
    return { kind: 'failed', id, detail: String(error) };
  }
}

parentPort?.on('message', (task: Task) => {
  void answer(task).then((found) => parentPort?.postMessage(found));
});
