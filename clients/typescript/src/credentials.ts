/** A user's password. The client renews the session, and signs in again where the session has ended. */
export interface PasswordCredentials {
  username: string;
  password: string;
}

/** The refresh token of a user who is signed in. */
export interface RefreshTokenCredentials {
  refreshToken: string;
  /** Receives every new refresh token, which replaces the one before: store it where the program outlives its process. */
  onRefreshToken?: (refreshToken: string) => void;
}

/** The client credentials of RFC 6749, section 4.4. Without a scope the token has all scopes of the client. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
  scope?: string;
}

/** An API key, `kva_…`. */
export interface ApiKeyCredentials {
  apiKey: string;
}

/** An access token, which the client does not renew. */
export interface AccessTokenCredentials {
  accessToken: string;
}

export type Credentials =
  | PasswordCredentials
  | RefreshTokenCredentials
  | ClientCredentials
  | ApiKeyCredentials
  | AccessTokenCredentials;
