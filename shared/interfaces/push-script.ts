/** The script with which a RouterOS 7 router sends its own interfaces: text that an operator pastes into its terminal. Pure. */
import { hashOf, phaseSeconds } from '../collect/schedule.ts';

export interface PushScript {
  readonly tenant: string;
  /** Id of the source: letters, digits and hyphens. */
  readonly source: string;
  readonly periodSeconds: number;
  readonly keyId: string;
  /** Of the house, without a slash at its end. */
  readonly publicUrl: string;
}

/** Stands where the operator puts the secret; the script says so and sends nothing while it stands there. */
export const SECRET_PLACE = 'PUT-THE-SECRET-OF-THE-SITE-HERE';
/** The sites of a tenant share a slot, and not its first second. */
const SPREAD_SECONDS = 30;
/** RouterOS sends 64 KiB at most; a name that says nothing to anybody fills a few hundred. */
const MAX_BODY = 60_000;
/** Longer texts are cut: the house refuses more than 255 characters. */
const MAX_TEXT = 200;
/** JSON takes none of these as they are; the NUL is in no name. */
const CONTROLS = [...Array.from({ length: 31 }, (_, i) => i + 1), 127]
  .map((code) => `\\${code.toString(16).toUpperCase().padStart(2, '0')}`)
  .join('');

/** Two commands of RouterOS, with what to know first. Lines end in LF; nothing a stranger wrote stands in it. */
export function pushScript(script: PushScript): string {
  const name = `headroom-${script.source}`;
  return `# Headroom: sends the counters of this router's interfaces every ${script.periodSeconds} s. For RouterOS 7.
# 1. Put the secret of the site in place of ${SECRET_PLACE} (once, below).
# 2. Import the root certificate of ${new URL(script.publicUrl).hostname} into /certificate: it is checked.
# 3. Set the clock (/system ntp client), then paste all of this into a terminal. Pasting it again replaces it.
/system script remove [find where name="${name}"]
/system script add name="${name}" policy=read,test source={
${bodyOf(script)}
}
/system scheduler remove [find where name="${name}"]
/system scheduler add name="${name}" start-time=${startTime(script)} interval=${script.periodSeconds}s policy=read,test on-event="/system script run ${name}"
`;
}

function bodyOf({ keyId, publicUrl }: PushScript): string {
  return `  :local siteSecret "${SECRET_PLACE}"
  :local siteKey "${keyId}"
  :local quoted do={
    :local controls "${CONTROLS}"
    :local given [:pick [:tostr $1] 0 ${MAX_TEXT}]
    :local safe ""
    :if ([:len $given] > 0) do={
      :for at from=0 to=([:len $given] - 1) do={
        :local char [:pick $given $at ($at + 1)]
        :if ([:typeof [:find $controls $char]] = "num") do={ :set char " " }
        :if (($char = "\\\\") or ($char = "\\"")) do={ :set char ("\\\\" . $char) }
        :set safe ($safe . $char)
      }
    }
    :return ("\\"" . $safe . "\\"")
  }
  :local rows ""
  :local separator ""
  :foreach port in=[/interface find] do={
    :do {
      :local status 2
      :if ([/interface get $port running] and (![/interface get $port disabled])) do={ :set status 1 }
      :local row ("{\\"name\\":" . [$quoted [/interface get $port name]])
      :set row ($row . ",\\"alias\\":" . [$quoted [/interface get $port comment]])
      :set row ($row . ",\\"inOctets\\":\\"" . [/interface get $port rx-byte] . "\\"")
      :set row ($row . ",\\"outOctets\\":\\"" . [/interface get $port tx-byte] . "\\"")
      :set rows ($rows . $separator . $row . ",\\"operStatus\\":" . $status . "}")
      :set separator ","
    } on-error={ :log debug "headroom: an interface went away while it was read" }
  }
  :local body ("{\\"version\\":1,\\"uptime\\":\\"" . [:tostr [/system resource get uptime]] . "\\"")
  :set body ($body . ",\\"readings\\":[{\\"interfaces\\":[" . $rows . "]}]}")
  :if ($siteSecret = ("${SECRET_PLACE.slice(0, 8)}" . "${SECRET_PLACE.slice(8)}")) do={
    :log error "headroom: put the secret of the site into the script"
    :error "headroom: no secret"
  }
  :if ([:len $body] > ${MAX_BODY}) do={
    :log error "headroom: too many interfaces for one request of this router; use the agent"
    :error "headroom: too large"
  }
  :local headers ("content-type: application/json,authorization: Bearer " . $siteKey . "." . $siteSecret)
  :do {
    /tool fetch url="${publicUrl}/v1/ingest" http-method=post http-header-field=$headers http-data=$body check-certificate=yes output=none
  } on-error={ :log warning "headroom: the counters were not taken; the next run tries again" }`;
}

/** On the tenant's grid, where the router's zone lies whole periods from UTC; elsewhere the slots are found all the same. */
function startTime({ tenant, source, periodSeconds }: PushScript): string {
  const spread = hashOf(source) % Math.min(SPREAD_SECONDS, periodSeconds);
  const seconds = (phaseSeconds(tenant, periodSeconds) + spread) % periodSeconds;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
