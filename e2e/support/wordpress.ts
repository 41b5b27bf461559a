// A throw-away WordPress of Debian's package, as `scripts/wordpress.sh` makes it.

import { execFileSync } from 'node:child_process';
import path from 'node:path';

const SCRIPT = path.resolve(import.meta.dirname, '../../scripts/wordpress.sh');

/** A WordPress that posts can go to. */
export class WordPress {
  private constructor(
    readonly url: string,
    readonly user: string,
    readonly password: string,
    private readonly folder: string,
  ) {}

  /** Starts one; takes half a minute. */
  static start(): WordPress {
    const said = execFileSync(SCRIPT, ['start'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const value = (name: string): string => {
      const found = new RegExp(`^export ZHENDI_TEST_WORDPRESS${name}='?([^'\\n]*)'?$`, 'm').exec(said);
      if (!found) throw new Error(`wordpress.sh did not say ${name}:\n${said}`);
      return found[1]!;
    };
    return new WordPress(value(''), value('_USER'), value('_PASSWORD'), value('_DIR'));
  }

  /** Ends it and removes what it kept. */
  stop(): void {
    execFileSync(SCRIPT, ['stop', this.folder], { stdio: 'ignore' });
  }

  /** The posts that visitors can read, by its own interface. */
  async posts(): Promise<Array<{ id: number; link: string; title: string; content: string }>> {
    const answer = await fetch(`${this.url}/?rest_route=/wp/v2/posts&per_page=20`);
    if (!answer.ok) throw new Error(`WordPress says ${answer.status}: ${await answer.text()}`);
    const posts = (await answer.json()) as Array<{ id: number; link: string; title: { rendered: string }; content: { rendered: string } }>;
    return posts.map(({ id, link, title, content }) => ({ id, link, title: title.rendered, content: content.rendered }));
  }
}
