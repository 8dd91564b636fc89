/** The message templates to be approved by WhatsApp, as they are to be registered with the provider. Pure. */

export type TemplateName = 'alert_firing' | 'alert_resolved' | 'alert_digest';

export interface TemplateDefinition {
  readonly name: TemplateName;
  readonly language: 'en';
  readonly category: 'UTILITY';
  /**
   * WhatsApp's rules: 1024 characters with the variables filled in; a variable neither first nor last, no two of them
   * side by side; no line break, tab or more than four spaces inside a value.
   */
  readonly body: string;
  /** One sample value per variable, which the approval asks for. */
  readonly samples: Readonly<Record<string, string>>;
}

/** Longest text of a template with its variables. */
export const TEMPLATE_LIMIT = 1024;

export const TEMPLATES: Readonly<Record<TemplateName, TemplateDefinition>> = {
  alert_firing: {
    name: 'alert_firing',
    language: 'en',
    category: 'UTILITY',
    body: 'Headroom alert, {{1}}: {{2}} - {{3}}. It began on {{4}}. What to do: {{5}} Sent by Headroom for {{6}}; replies are not read.',
    samples: {
      1: 'CRITICAL',
      2: 'Shop uplink',
      3: '4.2 % left, the limit is 5.0 %',
      4: 'Fri 20 Nov 14:05 GMT+3',
      5: 'Act now.',
      6: 'Example Networks',
    },
  },
  alert_resolved: {
    name: 'alert_resolved',
    language: 'en',
    category: 'UTILITY',
    body: 'Headroom, {{1}}: {{2}} is over. {{3}}. It lasted from {{4}} until {{5}}, nothing is left to do. Sent by Headroom for {{6}}; replies are not read.',
    samples: {
      1: 'RESOLVED',
      2: 'the warning for Shop uplink',
      3: 'Now 61.0 % left',
      4: 'Fri 20 Nov 14:05 GMT+3',
      5: 'Fri 20 Nov 15:10 GMT+3',
      6: 'Example Networks',
    },
  },
  alert_digest: {
    name: 'alert_digest',
    language: 'en',
    category: 'UTILITY',
    body: 'Headroom has {{1}} for you: {{2}}. Times are in {{3}}; the dashboard has the details. Sent by Headroom for {{4}}; replies are not read.',
    samples: {
      1: '2 alerts',
      2: 'CRITICAL Shop uplink: 4.2 % left, since Fri 14:05 • WARNING core1 ether1: 812.4 Mb/s, since Fri 14:00',
      3: 'Africa/Nairobi',
      4: 'Example Networks',
    },
  },
};

/** The text that a recipient sees. A variable without a value stays visible, so that nobody mistakes it for a fact. */
export function renderTemplate(name: TemplateName, variables: Readonly<Record<string, string>>): string {
  return TEMPLATES[name].body.replace(/\{\{(\d+)\}\}/g, (whole, key: string) => variables[key] ?? whole);
}
