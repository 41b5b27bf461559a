// Starts the real program on a free port with a data folder of its own, and ends it again.

import { spawn, type ChildProcess } from 'node:child_process';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** `serve` begins with an empty database and its first-run page, `demo` with the demonstration institution. */
export type Mode = 'serve' | 'demo';

/** The password of every demonstration account in the browser tests. */
export const DEMO_PASSWORD = 'Zhen-di@2026#demo';

const BINARY = process.env.ZHENDI_BIN ?? path.resolve(import.meta.dirname, '../../target/debug/zhendi');
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

/** A running server under test. */
export class Server {
  private output = '';
  private ended?: { code: number | null; signal: NodeJS.Signals | null };

  private constructor(
    /** Where it answers, without a slash at the end. */
    readonly url: string,
    /** Its data folder, for commands that work on the same data. */
    readonly data: string,
    private readonly child: ChildProcess,
  ) {
    const keep = (chunk: string) => {
      this.output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => keep(`${error}\n`));
    child.once('close', (code, signal) => {
      this.ended = { code, signal };
    });
  }

  /** Starts the program and waits until `/readyz` says yes; fails with what it printed. */
  static async start(mode: Mode): Promise<Server> {
    await access(BINARY, constants.X_OK).catch(() => {
      throw new Error(
        `There is no program to test at ${BINARY}. ` +
          'Build it with "cargo build -p zhendi-server", or name another one in ZHENDI_BIN.',
      );
    });
    const data = await mkdtemp(path.join(tmpdir(), 'zhendi-e2e-'));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(BINARY, [mode, '--data', data, '--listen', address], {
      cwd: data,
      env: { ...process.env, ZHENDI_DEMO_PASSWORD: DEMO_PASSWORD },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const server = new Server(`http://${address}`, data, child);
    try {
      await server.ready();
    } catch (error) {
      child.kill('SIGKILL');
      await rm(data, { recursive: true, force: true });
      throw error;
    }
    return server;
  }

  /** Everything it printed so far, on both streams. */
  printed(): string {
    return this.output;
  }

  /** Waits until it has printed something that matches, e.g. the one-time codes of a first run. */
  async prints(pattern: RegExp, limitMs = 10_000): Promise<RegExpExecArray> {
    const end = Date.now() + limitMs;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (Date.now() > end) throw new Error(`The server printed nothing like ${pattern}:\n${this.output}`);
      await pause(50);
    }
  }

  /** Ends it as an operator would; a server that hangs, fails or has panicked is a failure of the tests. */
  async stop(): Promise<void> {
    const early = this.ended;
    if (!early) this.child.kill('SIGTERM');
    const end = Date.now() + STOP_LIMIT_MS;
    while (!this.ended && Date.now() < end) await pause(20);
    const hung = !this.ended;
    if (hung) this.child.kill('SIGKILL');
    await rm(this.data, { recursive: true, force: true });

    if (early) throw this.failure('ended during the tests');
    if (hung) throw this.failure(`did not end within ${STOP_LIMIT_MS / 1000} s of SIGTERM`);
    if (this.ended?.code !== 0) throw this.failure('did not end cleanly on SIGTERM');
    if (this.output.includes('panicked at')) throw this.failure('panicked');
  }

  private async ready(): Promise<void> {
    const end = Date.now() + START_LIMIT_MS;
    let last = 'no answer';
    while (Date.now() < end) {
      if (this.ended) throw this.failure('ended while starting');
      try {
        const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) });
        if (answer.ok) return;
        last = `${answer.status} ${await answer.text()}`;
      } catch {
        // Not listening yet.
      }
      await pause(50);
    }
    throw this.failure(`was not ready after ${START_LIMIT_MS / 1000} s (/readyz: ${last})`);
  }

  private failure(what: string): Error {
    const end = this.ended ? ` (exit ${this.ended.code ?? this.ended.signal})` : '';
    return new Error(`The server ${what}${end}. It printed:\n${this.output.slice(-20_000)}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
