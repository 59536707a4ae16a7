import { Checkbox, Group, Switch } from "@mantine/core";
import { MatchersInput } from "../frame/MatchersInput.tsx";
import type { TokenDraft } from "./service-accounts-api.ts";

/** The scopes (rights) to which a token can be limited, as the API names them, with their explanations. */
const SCOPES = [
  { value: "read", label: "Read" },
  { value: "query", label: "Query" },
  { value: "push", label: "Push metrics and alerts" },
  { value: "silence", label: "Silence alerts" },
  { value: "rules", label: "Write rules" },
  { value: "admin", label: "Administer" },
];

/** Values of the fields that limit a token. */
export interface Limits {
  readonly isScoped: boolean;
  readonly scopes: readonly string[];
  readonly matchers: string;
}

export const NO_LIMITS: Limits = { isScoped: false, scopes: ["read", "query"], matchers: "" };

/** Reports whether the form is complete: a token that is limited to scopes needs at least one. */
export const isComplete = ({ isScoped, scopes }: Limits): boolean => !isScoped || scopes.length > 0;

/** Converts the form's limits to the properties of an API request. */
export const limitsOf = ({ isScoped, scopes, matchers }: Limits): Pick<TokenDraft, "scopes" | "matchers"> => ({
  ...(isScoped && { scopes }),
  ...(matchers.trim() !== "" && { matchers: matchers.trim() }),
});

/** Fields that limit a token to some of the rights of its account, and to some series. */
export function TokenLimits({ value, onChange }: { value: Limits; onChange: (next: Limits) => void }) {
  const { isScoped, scopes, matchers } = value;
  return (
    <>
      <Switch
        label="Limit the rights of the account"
        checked={isScoped}
        onChange={({ currentTarget }) => onChange({ ...value, isScoped: currentTarget.checked })}
      />
      {isScoped && (
        <Checkbox.Group
          aria-label="Rights of the token"
          value={[...scopes]}
          onChange={(next) => onChange({ ...value, scopes: next })}
        >
          <Group gap="sm">
            {SCOPES.map((scope) => (
              <Checkbox key={scope.value} size="sm" {...scope} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
      <MatchersInput value={matchers} onChange={(next) => onChange({ ...value, matchers: next })} />
    </>
  );
}
