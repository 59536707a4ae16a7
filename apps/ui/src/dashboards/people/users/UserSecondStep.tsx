import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import { ChangeError } from "../frame/ChangeError.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { removeSecondStep, secondStepQuery, type UserDetails, usersKey } from "./users-api.ts";

/** Section with the passkeys and two-step codes of a user. An admin can remove them if the user has lost the device. */
export function UserSecondStep({ user: { id, login } }: { user: UserDetails }) {
  const result = useQuery(secondStepQuery(id));
  const [isAsking, setAsking] = useState(false);
  const { mutate, error, isPending } = useChange(() => removeSecondStep(id), [usersKey], {
    done: "The second step was removed",
  });
  return (
    <Section title="Second step" about="If the user has lost the device, remove the passkeys and the two-step codes.">
      <Stack gap="sm" align="flex-start">
        {error !== null && <ChangeError error={error} title="The second step was not removed" />}
        <Fetched result={result} label="Loading the second step">
          {({ passkeys, twoStep }) => (
            <>
              <Text size="sm">
                {passkeys === 1 ? "1 passkey." : `${passkeys === 0 ? "No" : passkeys} passkeys.`} Two-step codes are{" "}
                {twoStep ? "on" : "off"}.
              </Text>
              {(passkeys > 0 || twoStep) && (
                <Button size="sm" variant="default" loading={isPending} onClick={() => setAsking(true)}>
                  Remove second step
                </Button>
              )}
            </>
          )}
        </Fetched>
      </Stack>
      {isAsking && (
        <ConfirmModal
          title="Remove the second step?"
          action="Remove"
          onConfirm={() => mutate()}
          onClose={() => setAsking(false)}
        >
          “{login}” then signs in with the password alone, and the passkeys no longer work. All sessions of the user
          end. First make sure that the request comes from the user.
        </ConfirmModal>
      )}
    </Section>
  );
}
