import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ChangeError } from "../../frame/ChangeError.tsx";
import { Fetched } from "../../frame/Fetched.tsx";
import { Section } from "../../frame/Section.tsx";
import { useChange } from "../../frame/use-change.ts";
import { CodeModal } from "./CodeModal.tsx";
import { RecoveryCodesModal } from "./RecoveryCodesModal.tsx";
import { SetUpModal } from "./SetUpModal.tsx";
import { beginTwoStep, disableTwoStep, renewRecoveryCodes, type TwoStepSecret, twoStepQuery } from "./two-step-api.ts";

/** The section suggests new recovery codes if at most this number is left. */
const FEW_CODES = 3;

type Asking = "renew" | "disable";

/** Section of the profile that turns two-step codes on and off, and renews the recovery codes. */
export function TwoStepSection() {
  const result = useQuery(twoStepQuery);
  const [secret, setSecret] = useState<TwoStepSecret>();
  const [asking, setAsking] = useState<Asking>();
  const [codes, setCodes] = useState<readonly string[]>();
  const begin = useChange(async () => setSecret(await beginTwoStep()), [twoStepQuery.queryKey]);
  return (
    <Section
      title="Two-step codes"
      about="After your password, the server asks for a code of an authenticator app. A stolen password alone is then worth nothing."
    >
      <Stack gap="sm" align="flex-start">
        {begin.error !== null && <ChangeError error={begin.error} title="Two-step codes are still off" />}
        <Fetched result={result} label="Loading two-step codes">
          {({ enabled, recoveryCodesLeft }) =>
            enabled ? (
              <EnabledState recoveryCodesLeft={recoveryCodesLeft} onAsk={setAsking} />
            ) : (
              <Button size="sm" loading={begin.isPending} onClick={() => begin.mutate()}>
                Turn on two-step codes
              </Button>
            )
          }
        </Fetched>
      </Stack>
      {secret !== undefined && (
        <SetUpModal
          secret={secret}
          onCodes={(next) => {
            setSecret(undefined);
            setCodes(next);
          }}
          onClose={() => setSecret(undefined)}
        />
      )}
      {asking === "renew" && (
        <CodeModal
          title="New recovery codes"
          action="Create codes"
          send={async (code) => setCodes(await renewRecoveryCodes(code))}
          onClose={() => setAsking(undefined)}
        >
          The new codes replace the earlier ones, which no longer work.
        </CodeModal>
      )}
      {asking === "disable" && (
        <CodeModal
          title="Turn off two-step codes"
          action="Turn off"
          done="Two-step codes are off"
          send={disableTwoStep}
          onClose={() => setAsking(undefined)}
        >
          Then your password is enough to sign in. The entry in your authenticator app and the recovery codes no longer
          work.
        </CodeModal>
      )}
      {codes !== undefined && <RecoveryCodesModal codes={codes} onClose={() => setCodes(undefined)} />}
    </Section>
  );
}

function EnabledState({
  recoveryCodesLeft: left,
  onAsk,
}: {
  recoveryCodesLeft: number;
  onAsk: (asking: Asking) => void;
}) {
  return (
    <>
      <Group gap={8}>
        <Badge variant="light" color="fennel">
          On
        </Badge>
        <Text size="sm">
          {left === 0
            ? "No recovery code is left."
            : left === 1
              ? "1 recovery code is left."
              : `${left} recovery codes are left.`}
          {left <= FEW_CODES && " Create new ones, so that you can sign in without your authenticator app."}
        </Text>
      </Group>
      <Group gap="sm">
        <Button size="sm" variant="default" onClick={() => onAsk("renew")}>
          New recovery codes
        </Button>
        <Button size="sm" variant="default" onClick={() => onAsk("disable")}>
          Turn off
        </Button>
      </Group>
    </>
  );
}
