// An institution with its people, set up without the browser: for tests whose story begins later.

import { request, type APIRequestContext, type APIResponse } from '@playwright/test';
import type { Person } from './people.ts';
import type { Server } from './server.ts';

/** The code of a role, as forms post it. */
export type Role = 'publicity_officer' | 'publicity_head' | 'unit_head' | 'unit_liaison';

const ADMINISTRATORS = [
  ['system', { name: '方明远', login: 'sys2001', password: 'Wm7#kTq9!xRb' }],
  ['security', { name: '石坚', login: 'sec2002', password: 'Hz4%vLp8&nQd' }],
  ['auditor', { name: '程可心', login: 'aud2003', password: 'Jd6@rYw3*mKf' }],
] as const;

/** The institution of a server that was started empty. */
export class Institution {
  /** The unit at the top. */
  readonly root = '1';

  private constructor(
    private readonly server: Server,
    readonly system: Person,
    private readonly asSystem: APIRequestContext,
    private readonly asSecurity: APIRequestContext,
  ) {}

  /** Does the first run: the institution and its three administrators, each with a password. */
  static async found(server: Server, name: string): Promise<Institution> {
    const [, code] = await server.prints(/首次设置码：(\S+)/);
    const form: Record<string, string> = { code: code!, institution: name, short_name: '' };
    for (const [prefix, person] of ADMINISTRATORS) {
      form[`${prefix}_name`] = person.name;
      form[`${prefix}_login`] = person.login;
    }
    const visitor = await someone(server);
    const slips = codes(await text(await visitor.post('/first-run', { form })));
    await visitor.dispose();
    const contexts = [];
    for (const [index, [, person]] of ADMINISTRATORS.entries()) {
      contexts.push(await choosesPassword(server, person, slips[index]!));
    }
    const [asSystem, asSecurity, asAuditor] = contexts;
    await asAuditor!.dispose();
    return new Institution(server, { ...ADMINISTRATORS[0][1] }, asSystem!, asSecurity!);
  }

  /** Makes a unit under the root; gives its id. */
  async unit(name: string, kind: 'office' | 'college'): Promise<string> {
    const form = { parent: this.root, name, short_name: '', kind };
    const list = await text(await this.asSystem.post('/units', { form }));
    const found = new RegExp(`<a href="/units/(\\d+)">${name}</a>`).exec(list);
    if (!found) throw new Error(`The unit is not in the list:\n${list}`);
    return found[1]!;
  }

  /** Registers a person with an account and a password, and gives them a role. */
  async staff(person: Person, role: Role, unit = this.root): Promise<Person> {
    const facts = { name: person.name, unit, employment: 'permanent', post: '', staff_number: '', phone: '', mail: '', version: '0' };
    const made = await id(await this.asSystem.post('/people', { form: facts }), /\/people\/(\d+)/);
    const slip = await text(await this.asSystem.post('/accounts', { form: { person: made, login: person.login } }));
    await text(await this.asSecurity.post('/grants', { form: { person: made, role, unit, until: '' } }));
    const theirs = await choosesPassword(this.server, person, codes(slip)[0]!);
    await theirs.dispose();
    return person;
  }

  /** Lets go of what the set-up used. */
  async close(): Promise<void> {
    await this.asSystem.dispose();
    await this.asSecurity.dispose();
  }
}

/** A browser that says, as all do, that its posts come from our own pages. */
function someone(server: Server): Promise<APIRequestContext> {
  return request.newContext({ baseURL: server.url, extraHTTPHeaders: { 'sec-fetch-site': 'same-origin' } });
}

async function choosesPassword(server: Server, person: Person, code: string): Promise<APIRequestContext> {
  const context = await someone(server);
  await text(await context.post('/sign-in', { form: { login: person.login, password: code, next: '/' } }));
  await text(await context.post('/account/password', { form: { new: person.password, again: person.password } }));
  return context;
}

async function text(answer: APIResponse): Promise<string> {
  const body = await answer.text();
  if (!answer.ok()) throw new Error(`${answer.status()} for ${answer.url()}:\n${body}`);
  return body;
}

async function id(answer: APIResponse, pattern: RegExp): Promise<string> {
  const body = await text(answer);
  const found = pattern.exec(new URL(answer.url()).pathname);
  if (!found) throw new Error(`Nothing was made, the answer is ${answer.url()}:\n${body}`);
  return found[1]!;
}

function codes(page: string): string[] {
  return [...page.matchAll(/<code class="code">([^<]+)<\/code>/g)].map((match) => match[1]!);
}
