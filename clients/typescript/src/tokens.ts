import type { Credentials } from "./credentials.js";
import { abortable } from "./deadline.js";
import { errorOf } from "./errorResponse.js";
import { InvalidCredentials } from "./errors.js";
import { exchange } from "./exchange.js";
import type { Settings } from "./options.js";
import type { components } from "./schema.js";

type IssuedToken = components["schemas"]["IssuedToken"];

interface Token {
  readonly access: string;
  readonly refresh: string | undefined;
  /** On the clock of `performance.now()`. */
  readonly renewAt: number;
}

/**
 * The access token of a client: requested at its first use, renewed before it expires and after the service refused it.
 * Concurrent callers share one renewal, so that a refresh token is used once.
 */
export class Tokens {
  private current: Token | undefined;
  private renewal: Promise<Token> | undefined;

  constructor(private readonly base: URL, private readonly credentials: Credentials | undefined, private readonly settings: Settings) {}

  get canRenew(): boolean {
    return this.credentials !== undefined && !("apiKey" in this.credentials) && !("accessToken" in this.credentials);
  }

  /** The current token, renewed where necessary; undefined without credentials. `refused` is a token that must be replaced. */
  async get(refused: string | undefined, signal: AbortSignal | undefined): Promise<string | undefined> {
    const credentials = this.credentials;
    if (credentials === undefined)
      return undefined;
    if ("apiKey" in credentials)
      return credentials.apiKey;
    if ("accessToken" in credentials)
      return credentials.accessToken;
    if (this.current && this.current.access !== refused && performance.now() < this.current.renewAt)
      return this.current.access;

    signal?.throwIfAborted();
    this.renewal ??= this.renew(credentials).finally(() => this.renewal = undefined);
    return (await abortable(signal, this.renewal)).access;
  }

  /** Forgets the session, which has ended. */
  forget(): void {
    this.current = undefined;
  }

  private async renew(credentials: Exclude<Credentials, { apiKey: string } | { accessToken: string }>): Promise<Token> {
    if ("clientId" in credentials)
      return this.current = await this.ask("connect/token", clientRequest(credentials));

    const refresh = this.current?.refresh ?? ("refreshToken" in credentials ? credentials.refreshToken : undefined);
    if (refresh !== undefined) {
      try {
        this.current = await this.ask("api/token", json({ grant_type: "refresh_token", refresh_token: refresh }), refresh);
        if ("refreshToken" in credentials && this.current.refresh !== refresh)
          credentials.onRefreshToken?.(this.current.refresh!);
        return this.current;
      } catch (failure) {
        if (!(failure instanceof InvalidCredentials && "password" in credentials))
          throw failure;
        // The session has ended: sign in again.
      }
    }

    const { username, password } = credentials as { username: string; password: string };
    return this.current = await this.ask("api/token", json({ username, password }));
  }

  private async ask(path: string, init: RequestInit, refresh?: string): Promise<Token> {
    const asked = performance.now();
    const answer = await exchange(this.settings, new URL(path, this.base), init, undefined);
    if (answer.status !== 200)
      throw errorOf(answer.status, answer.headers, answer.body);
    const body = JSON.parse(answer.body) as IssuedToken | { data: IssuedToken };
    const token = "data" in body ? body.data : body;
    const lifetime = token.expires_in * 1000;
    return {
      access: token.access_token,
      refresh: token.refresh_token ?? refresh,
      renewAt: asked + Math.max(lifetime - this.settings.renewBefore, lifetime / 2),
    };
  }
}

function json(body: object): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

// Id and secret are form-encoded before they are joined (RFC 6749, section 2.3.1).
function clientRequest({ clientId, clientSecret, scope }: { clientId: string; clientSecret: string; scope?: string }): RequestInit {
  const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope !== undefined && { scope }) });
  const basic = btoa(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`);
  return {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Authorization: `Basic ${basic}` },
    body: form.toString(),
  };
}
