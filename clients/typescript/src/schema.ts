// Generated from docs/openapi/v1.json by `npm run schema`. Do not edit.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A change of an account: at least one member. */
        AccountChange: {
            /** @description An address of at most 254 characters; unique without regard to case. */
            email?: string;
            /** @description 1 to 200 characters. */
            full_name?: string;
            /**
             * Format: int32
             * @description 1 to 150, or null to remove it.
             */
            age?: null | number;
            /** @description 1 to 50 characters, or null to remove it. */
            gender?: null | string;
            /** @description The password; only to change the e-mail where the sign-in is not recent. */
            current_password?: null | string;
        };
        /** @description A request to delete the account. */
        AccountDeletion: {
            /** @description The password; only where the sign-in is not recent. */
            password?: null | string;
        };
        /** @description An account as its user sees it. */
        AccountProfile: {
            /**
             * Format: uuid
             * @description The subject of the user's tokens.
             */
            user_id: string;
            /** @description The registered name; it cannot be changed. */
            username: string;
            /** @description The e-mail address, unique without regard to case. */
            email: string;
            /** @description The user's full name. */
            full_name: string;
            /**
             * Format: int32
             * @description The age in years; null where it was not given.
             */
            age: null | number;
            /** @description The gender in the user's own words; null where it was not given. */
            gender: null | string;
            /** @description `user` or `admin`. */
            role: string;
            /**
             * Format: date-time
             * @description The time of the registration.
             */
            created_at: string;
        };
        /** @description An addition to a counter. */
        Addition: {
            /** @description An integer of at most 100 digits; 1 by default. */
            delta?: number;
        };
        /** @description An API key as its user sees it. */
        ApiKeyInfo: {
            /**
             * Format: uuid
             * @description The id of the key.
             */
            id: string;
            /** @description The user's name for the key. */
            name: string;
            /** @description The first characters of the key. */
            prefix: string;
            /** @description The key itself, only in the answer that creates it. */
            key?: string;
            /** @description The granted scopes. */
            scopes: string[];
            /** @description The prefix that the keys of entries must have. */
            key_prefix?: string;
            /**
             * Format: date-time
             * @description The time of creation.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time of expiry.
             */
            expires_at?: string;
            /**
             * Format: date-time
             * @description The time of the last use, to within minutes.
             */
            last_used_at?: string;
        };
        /** @description The API keys of a user, newest first. */
        ApiKeyList: {
            /** @description The keys that are not revoked. */
            items: components["schemas"]["ApiKeyInfo"][];
        };
        /** @description An event of the audit log. */
        AuditRecord: {
            /**
             * Format: int64
             * @description A number that grows with every event.
             */
            id: number;
            /**
             * Format: date-time
             * @description The time of the event, or of the first of its repetitions.
             */
            at: string;
            /**
             * Format: date-time
             * @description The time of the last repetition. An event that anonymous callers can repeat, such as a failed sign-in, stands for
             *         all of the same kind, outcome, subject and address within an hour; other events do not have this member.
             */
            last_at?: string;
            /**
             * Format: int64
             * @description How often it happened.
             */
            count: number;
            /** @description The kind of the event, such as `user.sign_in`. */
            kind: string;
            /** @description `success`, `failure`, `locked` or `disabled`. */
            outcome: string;
            /** @description The id of the user or client that did it; left out for an anonymous caller. */
            actor?: string;
            /** @description The id of the user, client, session or key that it was done to. */
            subject?: string;
            /** @description The client's address; left out once it was erased. */
            client_address?: string;
            /** @description The W3C trace id of the request. */
            trace_id?: string;
            /** @description More details. */
            details?: components["schemas"]["JsonElement"];
        };
        /** @description Operations to run. */
        BulkRequest: {
            /** @description 1 to 1000. */
            operations: {
                /** @description `get`, `put`, `create` or `delete`. */
                op: string;
                /** @description The key. */
                key: string;
                value?: unknown;
                /** @description A JSON object of at most 4 KiB. */
                metadata?: null | Record<string, never>;
                /**
                 * Format: int64
                 * @description The time to live in seconds.
                 */
                ttl_seconds?: null | number;
                /**
                 * Format: date-time
                 * @description When the entry expires (RFC 3339).
                 */
                expires_at?: null | string;
                /**
                 * Format: int64
                 * @description The revision that the entry must have.
                 */
                if_match?: null | number;
            }[];
        };
        /** @description A change of a key. */
        Change: {
            /**
             * Format: int64
             * @description Its revision.
             */
            revision: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            time: string;
            /** @description The user, client or API key that made it. */
            actor?: string;
            /** @description The W3C trace id of the request that made it. */
            trace_id?: string;
            /** @description `put` or `delete`. */
            kind: string;
            /** @description The value that was stored. */
            value?: components["schemas"]["JsonElement"];
            /** @description The metadata that was stored. */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When the stored entry expires.
             */
            expires_at?: string;
        };
        /** @description What ended with the old password. */
        ChangedPassword: {
            /**
             * Format: int32
             * @description The number of other sessions.
             */
            sessions_ended: number;
            /**
             * Format: int32
             * @description The number of API keys.
             */
            api_keys_ended: number;
        };
        /** @description A change of a client: of one member or of both. */
        ClientChange: {
            /** @description Whether every request of the client is refused. */
            disabled?: null | boolean;
            /** @description The audiences that the client serves: at most 8, each of 1 to 100 visible characters. */
            audiences?: null | string[];
        };
        /** @description The credentials of a client. They are shown once. */
        ClientCredentials: {
            /** @description The id. */
            client_id: string;
            /** @description The secret. */
            client_secret: string;
        };
        /** @description A client, without its secret. */
        ClientInfo: {
            /** @description The id. */
            client_id: string;
            /** @description The name for people. */
            name: string;
            /** @description The scopes that the client may request. */
            scope: string;
            /** @description The audiences that the client serves: it may introspect their tokens. */
            audiences: string[];
            /** @description Whether users may give the client their passwords. */
            first_party: boolean;
            /** @description Whether every request of the client is refused. */
            disabled: boolean;
            /**
             * Format: date-time
             * @description The time of the registration.
             */
            created_at: string;
        };
        /** @description The clients of the database. */
        ClientList: {
            /** @description The clients, by id. */
            items: components["schemas"]["ClientInfo"][];
        };
        /** @description The new value of a counter. */
        CounterValue: {
            /** @description The key. */
            key: string;
            /** @description An integer of at most 100 digits. */
            value?: number;
        };
        /** @description The new content of an entry. It may have `ttl_seconds` or `expires_at`, not both. */
        EntryChange: {
            value: unknown;
            /** @description A JSON object of at most 4 KiB. */
            metadata?: null | Record<string, never>;
            /**
             * Format: int64
             * @description The time to live in seconds: 1 to 3162240000.
             */
            ttl_seconds?: null | number;
            /**
             * Format: date-time
             * @description When the entry expires (RFC 3339).
             */
            expires_at?: null | string;
        };
        /** @description An error in the envelope. */
        Error: {
            /** @constant */
            status: "error";
            /** @description Stable: clients branch on it. */
            code: string;
            /** @description A sentence for people. */
            message: string;
            /** @description The W3C trace id of the request. */
            trace_id: string;
            /**
             * @description Present if the trace is not recorded, because of too many errors at once.
             * @constant
             */
            trace_recorded?: false;
            /** @description The errors of each field. */
            errors?: {
                [key: string]: string[];
            };
        };
        /** @description All data on a user. Later versions may add members to the items of the lists. */
        ExportedAccount: {
            /** @description The account. */
            account: components["schemas"]["AccountProfile"];
            /** @description The sessions that have not ended. */
            sessions: Record<string, never>[];
            /** @description The API keys, without their secrets. */
            api_keys: Record<string, never>[];
            /** @description Failed sign-ins to the account, by address. */
            failed_sign_ins: Record<string, never>[];
            /** @description The audit events of the user. */
            audit: Record<string, never>[];
            /** @description The entries. */
            entries: Record<string, never>[];
            /** @description The changes of entries that are kept. */
            history: Record<string, never>[];
            /** @description The outcomes that are kept for repeats of requests with an `Idempotency-Key`. */
            idempotency: Record<string, never>[];
        };
        /** @description A request for tokens. A client authenticates by HTTP Basic, or by `client_id` and `client_secret`. */
        GrantForm: {
            /** @description `client_credentials`, `refresh_token` or `password`. */
            grant_type: string;
            /** @description The requested scopes, separated by spaces; all allowed scopes where it is left out. */
            scope?: string;
            /** @description The resource that the tokens are for (RFC 8707): the issuer's URL, or left out. */
            resource?: string;
            /** @description For `password`. */
            username?: string;
            /** @description For `password`. */
            password?: string;
            /** @description For `refresh_token`. */
            refresh_token?: string;
            /** @description The id of the client. */
            client_id?: string;
            /** @description The secret of the client. */
            client_secret?: string;
        };
        /** @description A page of a key's history. */
        History: {
            /** @description The key. */
            key: string;
            /** @description The changes, newest first. */
            revisions: components["schemas"]["Change"][];
            /** @description The cursor of the next page; null at the end. */
            cursor: null | string;
            /** @description Whether this is the last page. */
            list_complete: boolean;
        };
        /** @description A token response (RFC 6749, section 5.1). */
        IssuedToken: {
            /** @description The access token: a JWT (RFC 9068). */
            access_token: string;
            /**
             * Format: int32
             * @description The lifetime in seconds.
             */
            expires_in: number;
            /** @description The type: `Bearer`. */
            token_type: string;
            /** @description The refresh token; only for sessions of users. */
            refresh_token?: string;
            /** @description The granted scopes, separated by spaces. */
            scope: string;
        };
        /** @description The metadata of the issuer. The standards name more members. */
        IssuerMetadata: {
            /** @description The issuer of the tokens: the public address of the gateway. */
            issuer: string;
            /** @description The address that issues tokens. */
            token_endpoint: string;
            /** @description The address of the public keys. */
            jwks_uri: string;
            /** @description The grant types of the token endpoint. */
            grant_types_supported: string[];
        };
        JsonElement: unknown;
        /** @description A set of public keys. */
        KeySet: {
            /** @description JSON Web Keys. */
            keys: Record<string, never>[];
        };
        /** @description An entry in a list. */
        ListedEntry: {
            /** @description The key. */
            key: string;
            /**
             * Format: int64
             * @description Its revision.
             */
            revision: number;
            /** @description Its value, if `include` names it. */
            value?: components["schemas"]["JsonElement"];
            /** @description Its metadata, if `include` names it and there is some. */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When it expires, if it has a time to live.
             */
            expires_at?: string;
        };
        /** @description Members of a page of keys (`items` and so on), or of an entry (`key` and so on). */
        ListedPageOrEntry: {
            /** @description The keys of this page. */
            items?: components["schemas"]["ListedEntry"][];
            /** @description The folders of this page. */
            prefixes?: string[];
            /** @description The cursor of the next page; null at the end. */
            cursor?: null | string;
            /** @description Whether this is the last page. */
            list_complete?: boolean;
            /** @description The key of the entry. */
            key?: string;
            /** @description Its value. */
            value?: components["schemas"]["JsonElement"];
            /** @description Its metadata. */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When it expires.
             */
            expires_at?: string;
        };
        /** @description A request for a new API key. */
        NewApiKey: {
            /** @description The user's name for the key: 1 to 100 characters. */
            name: string;
            /** @description `kv:read`, `kv:write`, or both. */
            scopes: string[];
            /** @description The prefix that the keys of entries must have; left out for all entries. */
            key_prefix?: null | string;
            /**
             * Format: date-time
             * @description The time of expiry; left out for never.
             */
            expires_at?: null | string;
            /** @description The user's password; only where the sign-in is not recent. */
            current_password?: null | string;
        };
        /** @description A client to register. */
        NewClient: {
            /** @description 3 to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter. */
            client_id: string;
            /** @description The scopes that the client may request, separated by spaces. */
            scope: string;
            /** @description The name for people: at most 100 characters. */
            name?: null | string;
            /** @description The audiences that the client serves: at most 8, each of 1 to 100 visible characters. */
            audiences?: null | string[];
            /** @description Whether users may give the client their passwords. */
            first_party?: null | boolean;
        };
        /** @description A new entry. It may have `ttl_seconds` or `expires_at`, not both. */
        NewEntry: {
            /** @description The key: 1 to 512 bytes of UTF-8 without control characters, but not `.` or `..`. */
            key: string;
            value: unknown;
            /** @description A JSON object of at most 4 KiB. */
            metadata?: null | Record<string, never>;
            /**
             * Format: int64
             * @description The time to live in seconds: 1 to 3162240000.
             */
            ttl_seconds?: null | number;
            /**
             * Format: date-time
             * @description When the entry expires (RFC 3339).
             */
            expires_at?: null | string;
        };
        /** @description A registration. */
        NewUser: {
            /** @description 1 to 64 characters, each of a-z, A-Z, 0-9, '.', '_', '-', '@' or '+'; unique without regard to case. */
            username: string;
            /** @description An address of at most 254 characters; unique without regard to case. */
            email: string;
            /** @description 8 to 128 characters. */
            password: string;
            /** @description 1 to 200 characters. */
            full_name: string;
            /**
             * Format: int32
             * @description 1 to 150.
             */
            age?: null | number;
            /** @description 1 to 50 characters. */
            gender?: null | string;
        };
        /** @description An error in the format of RFC 6749, section 5.2. */
        OAuthError: {
            /**
             * @description `invalid_request`, `invalid_client`, `invalid_grant`, `invalid_scope`, `invalid_target`, `unauthorized_client`,
             *     `unsupported_grant_type`, `invalid_token`, `insufficient_scope`, `temporarily_unavailable` or `server_error`.
             */
            error: string;
            /** @description The error in words. */
            error_description: string;
            /** @description The W3C trace id of the request. */
            trace_id: string;
        };
        /** @description The outcomes of operations. */
        OperationOutcomes: {
            /** @description In the order of the operations. */
            results: components["schemas"]["Outcome"][];
        };
        /** @description The outcome of an operation. */
        Outcome: {
            /** @description Its key; left out if the operation has no valid key. */
            key?: string;
            /**
             * Format: int32
             * @description The status that it would have as a single request.
             */
            status: number;
            /**
             * Format: int64
             * @description The revision that it made or read.
             */
            revision?: number;
            /** @description The value that it read. */
            value?: components["schemas"]["JsonElement"];
            /** @description The metadata that it read. */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When the entry that it read expires.
             */
            expires_at?: string;
            /** @description The error code, if it failed. */
            code?: string;
            /** @description The error message, if it failed. */
            message?: string;
            /** @description The members that are wrong, such as `operations[3].op`, each with its rules. */
            errors?: {
                [key: string]: string[];
            };
        };
        /** @description The usage of an owner. */
        OwnerUsage: {
            /** @description Keys, including expired ones that are not removed yet. */
            keys: components["schemas"]["Share"];
            /** @description Bytes of keys, values and metadata. */
            bytes: components["schemas"]["Share"];
            /** @description For a token with a prefix: false if the prefix has more rows than are counted, those of deleted keys included. */
            count_complete?: boolean;
        };
        /** @description A page of a list. */
        PageOfAuditRecord: {
            /** @description The items, in the order of the list. */
            items: components["schemas"]["AuditRecord"][];
            /** @description The cursor of the next page; left out at the end. */
            cursor?: string;
            /** @description Whether this is the last page. */
            list_complete: boolean;
        };
        /** @description A page of a list. */
        PageOfUserSummary: {
            /** @description The items, in the order of the list. */
            items: components["schemas"]["UserSummary"][];
            /** @description The cursor of the next page; left out at the end. */
            cursor?: string;
            /** @description Whether this is the last page. */
            list_complete: boolean;
        };
        /** @description A page of keys, or one entry, depending on the parameters. */
        PageOrEntry: {
            /** @description Always `success`. */
            status: string;
            /** @description The page, or the entry. */
            data: components["schemas"]["ListedPageOrEntry"];
        };
        /** @description A change of the password. */
        PasswordChange: {
            /** @description The current password; only where the sign-in is not recent. */
            old_password?: null | string;
            /** @description The new password: 8 to 128 characters. */
            new_password: string;
            /** @description Whether the API keys stay; they end by default. */
            keep_api_keys?: null | boolean;
        };
        /** @description The same error as problem details (RFC 9457). */
        Problem: {
            /** @description `urn:kvaspire:error:` and the code. */
            type: string;
            /** @description The status code's reason phrase. */
            title: string;
            /** @description The status. */
            status: number;
            /** @description A sentence for people. */
            detail: string;
            /** @description Stable: clients branch on it. */
            code: string;
            /** @description The W3C trace id of the request. */
            trace_id: string;
            /**
             * @description Present if the trace is not recorded, because of too many errors at once.
             * @constant
             */
            trace_recorded?: false;
            /** @description The errors of each field. */
            errors?: {
                [key: string]: string[];
            };
        };
        /** @description The revision to restore. */
        Restoration: {
            /** @description The key. */
            key: string;
            /**
             * Format: int64
             * @description The revision whose value is stored again.
             */
            revision: number;
        };
        /** @description A session as its user sees it. */
        SessionInfo: {
            /**
             * Format: uuid
             * @description The id: the `sid` of the access tokens.
             */
            session_id: string;
            /** @description The client of the sign-in. */
            client_id: string;
            /** @description The scopes that the user granted. */
            scope: string;
            /** @description The client's `User-Agent`. */
            user_agent?: string;
            /**
             * Format: date-time
             * @description The time of the sign-in.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time of the last refresh.
             */
            last_used_at: string;
            /**
             * Format: date-time
             * @description The end unless the session is refreshed before.
             */
            expires_at: string;
            /** @description Whether the session is that of the request. */
            current: boolean;
        };
        /** @description The sessions of a user, newest first. */
        SessionList: {
            /** @description The sessions that have not ended. */
            items: components["schemas"]["SessionInfo"][];
        };
        /** @description How much of a quota an owner uses. */
        Share: {
            /**
             * Format: int64
             * @description The amount that is stored.
             */
            used: number;
            /**
             * Format: int64
             * @description The quota; left out if there is none.
             */
            allowed?: number;
        };
        /** @description A signing key, without its private part. */
        SigningKeyInfo: {
            /** @description The header `kid` of its tokens. */
            key_id: string;
            /** @description `announced`, `signing` or `retired`. */
            state: string;
            /**
             * Format: date-time
             * @description The time from which the key signs.
             */
            signs_from: string;
            /**
             * Format: date-time
             * @description The time until which its tokens are accepted; null without a successor.
             */
            published_until?: string;
        };
        /** @description The signing keys, oldest first. */
        SigningKeyList: {
            /** @description The published keys. */
            items: components["schemas"]["SigningKeyInfo"][];
        };
        /** @description An entry. */
        StoredEntry: {
            /** @description The key. */
            key: string;
            /** @description The value: any JSON but null, as it was sent. */
            value: components["schemas"]["JsonElement"];
            /** @description A JSON object; left out if there is none. */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When the entry expires; left out if it does not.
             */
            expires_at?: string;
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfAccountProfile: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["AccountProfile"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfApiKeyInfo: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ApiKeyInfo"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfApiKeyList: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ApiKeyList"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfChangedPassword: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ChangedPassword"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfClientCredentials: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ClientCredentials"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfClientList: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ClientList"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfCounterValue: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["CounterValue"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfExportedAccount: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["ExportedAccount"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfHistory: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["History"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfIssuedToken: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["IssuedToken"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfObject: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfOperationOutcomes: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["OperationOutcomes"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfOwnerUsage: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["OwnerUsage"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfPageOfAuditRecord: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["PageOfAuditRecord"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfPageOfUserSummary: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["PageOfUserSummary"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfSessionList: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["SessionList"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfSigningKeyInfo: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["SigningKeyInfo"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfSigningKeyList: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["SigningKeyList"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfStoredEntry: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["StoredEntry"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfUserDetails: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["UserDetails"];
        };
        /** @description The body of a success: `{"status":"success","message":…,"data":…}`. */
        SuccessOfUserProfile: {
            /**
             * @description Always `success`.
             * @constant
             */
            status: "success";
            /** @description A sentence for people; absent where null. */
            message?: string;
            /** @description The endpoint's answer; absent where null. */
            data: components["schemas"]["UserProfile"];
        };
        /** @description The state and claims of a token (RFC 7662, section 2.2). */
        TokenDescription: {
            /** @description Whether the token is valid. If not, all other members are left out. */
            active: boolean;
            /** @description The granted scopes, separated by spaces. */
            scope?: string;
            /** @description The client that it was issued to. */
            client_id?: string;
            /** @description `Bearer`, or `refresh_token`. */
            token_type?: string;
            /**
             * Format: int64
             * @description The time of expiry, in Unix seconds.
             */
            exp?: number;
            /**
             * Format: int64
             * @description The time of issue, in Unix seconds.
             */
            iat?: number;
            /** @description The id of the user or client that the token is for. */
            sub?: string;
            /** @description The audience. */
            aud?: string;
            /** @description The issuer. */
            iss?: string;
            /** @description The id of the token. */
            jti?: string;
            /** @description The session or API key that the token belongs to. */
            sid?: string;
        };
        /** @description A request about a token. A client authenticates by HTTP Basic, or by `client_id` and `client_secret`. */
        TokenForm: {
            /** @description The token. */
            token: string;
            /** @description The type of the token; the server needs no hint. */
            token_type_hint?: string;
            /** @description The id of the client. */
            client_id?: string;
            /** @description The secret of the client. */
            client_secret?: string;
        };
        /** @description A sign-in by username and password, or by a refresh token. */
        TokenRequest: {
            /** @description The username, in any case. */
            username?: string;
            /** @description The password. */
            password?: string;
            /** @description `password`, the default, or `refresh_token`. */
            grant_type?: null | string;
            /** @description The refresh token of the last answer. */
            refresh_token?: string;
            /** @description The requested scopes, separated by spaces; all that the user or the session has where it is left out. */
            scope?: null | string;
        };
        /** @description A transaction. */
        TransactionRequest: {
            /** @description The checks, which must all hold. */
            checks?: null | {
                /** @description The key. */
                key: string;
                /**
                 * Format: int64
                 * @description The revision that the entry must have.
                 */
                revision?: null | number;
                /** @description Whether the entry must exist. */
                exists?: null | boolean;
            }[];
            /** @description The operations, without `get`. */
            operations?: null | {
                /** @description `get`, `put`, `create` or `delete`. */
                op: string;
                /** @description The key. */
                key: string;
                value?: unknown;
                /** @description A JSON object of at most 4 KiB. */
                metadata?: null | Record<string, never>;
                /**
                 * Format: int64
                 * @description The time to live in seconds.
                 */
                ttl_seconds?: null | number;
                /**
                 * Format: date-time
                 * @description When the entry expires (RFC 3339).
                 */
                expires_at?: null | string;
                /**
                 * Format: int64
                 * @description The revision that the entry must have.
                 */
                if_match?: null | number;
            }[];
        };
        /** @description A change of a user: at least one member. */
        UserChange: {
            /** @description `user` or `admin`. */
            role?: null | string;
            /** @description Whether the user may not sign in. */
            disabled?: null | boolean;
            /** @description False lifts a lockout; only wrong passwords lock. */
            locked?: null | boolean;
        };
        /** @description A user as an administrator sees them alone. */
        UserDetails: {
            /**
             * Format: uuid
             * @description The subject of the user's tokens.
             */
            user_id: string;
            /** @description The registered name. */
            username: string;
            /** @description The e-mail address, unique without regard to case. */
            email: string;
            /** @description The user's full name. */
            full_name: string;
            /** @description `user` or `admin`. */
            role: string;
            /**
             * Format: date-time
             * @description The time of the registration.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time since when the user may not sign in; null where the user may.
             */
            disabled_at: null | string;
            /**
             * Format: date-time
             * @description The end of the last lockout of a client from this account; null where there is none.
             */
            locked_until: null | string;
            /**
             * Format: int32
             * @description The number of sessions.
             */
            sessions: number;
        };
        /** @description The claims of a user, by their standard names. */
        UserInfo: {
            /** @description The id of the user. */
            sub: string;
            /** @description The username. */
            preferred_username: string;
            /** @description The full name. */
            name: string;
            /** @description The e-mail address. */
            email: string;
        };
        /** @description A user as the registration returns them. */
        UserProfile: {
            /**
             * Format: uuid
             * @description The subject of the user's tokens.
             */
            user_id: string;
            /** @description The registered name, unique without regard to case. */
            username: string;
            /** @description The e-mail address, unique without regard to case. */
            email: string;
            /** @description The user's full name. */
            full_name: string;
            /**
             * Format: int32
             * @description The age in years; null where it was not given.
             */
            age: null | number;
            /** @description The gender in the user's own words; null where it was not given. */
            gender: null | string;
        };
        /** @description A user as an administrator sees them in a list. */
        UserSummary: {
            /**
             * Format: uuid
             * @description The subject of the user's tokens.
             */
            user_id: string;
            /** @description The registered name. */
            username: string;
            /** @description The e-mail address, unique without regard to case. */
            email: string;
            /** @description The user's full name. */
            full_name: string;
            /** @description `user` or `admin`. */
            role: string;
            /**
             * Format: date-time
             * @description The time of the registration.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description The time since when the user may not sign in; null where the user may.
             */
            disabled_at: null | string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
