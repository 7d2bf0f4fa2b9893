// How secrets look: the table of token prefixes and of places that hold one. Bare hex, UUIDs and words are never secrets by their look.
// Every pattern is linear: bounded repeats only, and a match starts where a word starts, so that no text is scanned twice and again.

export interface SecretShape {
  /** What the mask names: `[masked: GitHub token]`. */
  kind: string
  /** One of these is in every text that has the secret, in this case: a quick look before the pattern. None: always looked for. */
  hints: readonly string[]
  /** The secret is the group `secret`, or the whole match. */
  pattern: RegExp
  /** The mask stays one word: the secret is a part of a URL, which still reads as one. */
  inline?: boolean
}

/** The start of a word; escapes of JSON and of URLs before it are no part of it: `"a\nTOKEN"`, `%3DTOKEN`. */
export const START = String.raw`(?<![A-Za-z0-9](?<!\\[bfnrt]|%[0-9A-Fa-f]{2}|\\(?:x1b|u001b|033)\[[0-9;]{0,12}m))`
const END = '(?![A-Za-z0-9])'
/** Between a name and its value in code, JSON, YAML, headers and shells. */
const IS = String.raw`\\?["']?\s{0,3}(?:=>|:=|[:=])\s{0,3}\\?["']?`

/** The head of a JWT. It starts where its run of letters does, so that no run is scanned from each `eyJ` in it. */
const JWT = String.raw`(?<![_-])eyJ[\w-]{10,4000}`

/** A token with a prefix of its own: the hints are all the prefixes there are. */
function token(kind: string, hint: string | readonly string[], pattern: string): SecretShape {
  const hints = typeof hint === 'string' ? [hint] : hint
  return { kind, hints, pattern: new RegExp(START + pattern + END, 'dg') }
}

/** A secret told by what stands around it: the group `secret` of the pattern. */
function context(kind: string, hints: readonly string[], pattern: string): SecretShape {
  return { kind, hints, pattern: new RegExp(pattern, 'dgi') }
}

export const SECRET_SHAPES: readonly SecretShape[] = [
  {
    kind: 'private key',
    hints: ['PRIVATE KEY'],
    // To its end, or, if that was cut off, as far as its lines of base64 go.
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:[^-]|-(?!----)){40,20000}-----END [A-Z0-9 ]{1,60}-----|(?:(?:\s|\\[nr]){0,4}[A-Za-z0-9+/=]{40,100}){1,400})/dg,
  },
  token('age key', 'AGE-SECRET-KEY-', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),

  token('GitHub token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], 'gh[pousr]_[A-Za-z0-9]{36,255}'),
  token('GitHub token', 'github_pat_', String.raw`github_pat_\w{50,255}`),
  token(
    'GitLab token',
    'gl',
    String.raw`gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|wt)-[\w-]{20,300}(?:\.[\w-]{2,20}){0,2}`,
  ),
  token('GitLab token', 'GR1348941', String.raw`GR1348941[\w-]{20,50}`),
  token('Atlassian token', 'ATATT3', String.raw`ATATT3[\w=-]{50,500}`),
  token('Bitbucket token', 'ATBB', 'ATBB[A-Za-z0-9]{24,40}'),

  token('AWS key id', ['AKIA', 'ASIA', 'ABIA', 'ACCA'], 'A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}'),
  context(
    'AWS secret key',
    [],
    `secret_?(?:access_?)?key${IS}(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])`,
  ),
  context('AWS session token', [], `session_?token${IS}(?<secret>[A-Za-z0-9/+=]{100,2000})`),
  token('Google API key', 'AIza', String.raw`AIza[\w-]{35}`),
  token('Google client secret', 'GOCSPX-', String.raw`GOCSPX-[\w-]{28}`),
  token('Google token', 'ya29.', String.raw`ya29\.[\w-]{20,1000}`),
  token('Google token', '1//0', String.raw`1//0[\w-]{40,200}`),
  token('Azure secret', '8Q~', String.raw`[\w~.-]{3}8Q~[\w~.-]{31,34}`),
  context(
    'Azure key',
    [],
    '(?:AccountKey|SharedAccessKey)=(?<secret>[A-Za-z0-9/+]{40,90}={0,2})(?![A-Za-z0-9/+=])',
  ),
  token('Alibaba key id', 'LTAI', 'LTAI[A-Za-z0-9]{17,21}'),
  token('DigitalOcean token', ['dop_v1_', 'doo_v1_', 'dor_v1_'], 'do[opr]_v1_[a-f0-9]{64}'),
  token('Databricks token', 'dapi', String.raw`dapi[a-f0-9]{32}(?:-\d)?`),
  token('Heroku token', 'HRKU-', String.raw`HRKU-[\w-]{30,80}`),
  token('Fly token', 'FlyV1 fm', String.raw`FlyV1 fm\d[\w=+/,-]{40,2000}`),
  token('PlanetScale token', 'pscale_', String.raw`pscale_(?:tkn|pw|oauth)_[\w.-]{32,64}`),
  token(
    'Supabase token',
    ['sbp_', 'sb_secret_'],
    String.raw`(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,60})`,
  ),
  token('Terraform token', '.atlasv1.', String.raw`[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}`),
  token('Vault token', ['hvs.', 'hvb.', 'hvr.'], String.raw`hv[sbr]\.[\w-]{24,300}`),
  token(
    'Doppler token',
    'dp.',
    String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}`,
  ),
  token('Pulumi token', 'pul-', 'pul-[a-f0-9]{40}'),
  token(
    'Tailscale key',
    'tskey-',
    String.raw`tskey-[a-z]{3,12}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{16,60}`,
  ),
  token('1Password token', 'ops_eyJ', String.raw`ops_eyJ[\w=+/-]{100,2000}`),

  token(
    'OpenAI key',
    ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    String.raw`sk-(?:proj|svcacct|admin)-[\w-]{20,300}`,
  ),
  token('Anthropic key', 'sk-ant-', String.raw`sk-ant-[\w-]{20,300}`),
  token('OpenRouter key', 'sk-or-v1-', 'sk-or-v1-[a-f0-9]{64}'),
  token('API key', 'sk-', String.raw`sk-(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{32,64}`),
  token('Hugging Face token', ['hf_', 'api_org_'], '(?:hf|api_org)_[A-Za-z0-9]{34}'),
  token('Replicate token', 'r8_', 'r8_[A-Za-z0-9]{37}'),
  token('Groq key', 'gsk_', 'gsk_[A-Za-z0-9]{40,60}'),
  token('Perplexity key', 'pplx-', 'pplx-[A-Za-z0-9]{40,60}'),
  token('xAI key', 'xai-', 'xai-[A-Za-z0-9]{60,100}'),
  token('NVIDIA key', 'nvapi-', String.raw`nvapi-[\w-]{50,100}`),
  token('LangSmith key', 'lsv2_', 'lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}'),
  token('Pinecone key', 'pcsk_', String.raw`pcsk_\w{40,100}`),
  token('Weights & Biases key', 'wandb_v1_', String.raw`wandb_v1_\w{40,120}`),

  token('Slack token', 'xox', String.raw`xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,250}`),
  token('Slack token', 'xapp-', String.raw`xapp-\d-[\w-]{20,250}`),
  token('Telegram token', ':AA', String.raw`\d{8,10}:AA[\w-]{33}`),
  token('Discord token', '.', String.raw`[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}`),
  token('Twilio key', 'SK', 'SK[0-9a-f]{32}'),
  token('SendGrid key', 'SG.', String.raw`SG\.[\w-]{22}\.[\w-]{43}`),
  token('Mailgun key', 'key-', '(?<![-_])key-[0-9a-f]{32}'),
  token('Mailchimp key', '-us', String.raw`[0-9a-f]{32}-us\d{1,2}`),
  {
    kind: 'webhook',
    hints: ['hooks'],
    // The address alone lets anybody post there: Slack, Discord, Mattermost.
    pattern:
      /(?:hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<slack>[A-Za-z0-9/]{20,150})|discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/(?<discord>[\w-]{40,100})|\/hooks\/(?=[a-z]{0,25}\d)(?<secret>[a-z0-9]{26})(?![a-z0-9]))/dg,
    inline: true,
  },

  token('Stripe key', ['sk_', 'rk_'], '[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}'),
  token('Stripe secret', 'whsec_', 'whsec_[A-Za-z0-9+/=]{24,100}'),
  token('Shopify token', 'shp', 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'),
  token('Square token', 'sq0', String.raw`sq0(?:atp|csp)-[\w-]{22,43}`),
  token('npm token', 'npm_', 'npm_[A-Za-z0-9]{36}'),
  token('PyPI token', 'pypi-Ag', String.raw`pypi-Ag[\w-]{50,1000}`),
  token('RubyGems key', 'rubygems_', 'rubygems_[a-f0-9]{48}'),
  token('NuGet key', 'oy2', 'oy2[a-z0-9]{43}'),
  token('crates.io token', 'cio', String.raw`cio(?=[A-Za-z]{0,31}\d)[A-Za-z0-9]{32}`),
  token('Docker token', ['dckr_pat_', 'dckr_oat_'], String.raw`dckr_[po]at_[\w-]{27,60}`),
  token('Artifactory key', 'AKCp', 'AKCp[A-Za-z0-9]{69}'),
  token('Grafana token', 'glsa_', 'glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}'),
  token('Grafana token', 'glc_', 'glc_[A-Za-z0-9+/=]{32,400}'),
  token('New Relic key', 'NRAK-', 'NRAK-[A-Z0-9]{27}'),
  token('Sentry token', 'sntr', 'sntr[yu]s_[A-Za-z0-9+/=_-]{40,300}'),
  token('Sonar token', 'sq', 'sq[upa]_[a-f0-9]{40}'),
  token('Buildkite token', 'bkua_', 'bkua_[a-f0-9]{40}'),
  token('Linear key', 'lin_api_', 'lin_api_[A-Za-z0-9]{40}'),
  token('Notion token', ['ntn_', 'secret_'], '(?:ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43})'),
  token('Figma token', 'figd_', String.raw`figd_[\w-]{40,50}`),
  token('Airtable token', 'pat', String.raw`pat[A-Za-z0-9]{14}\.[a-f0-9]{64}`),
  token('Postman key', 'PMAK-', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'),
  token('Dropbox token', 'sl.', String.raw`sl\.[\w-]{130,1500}`),
  token('Facebook token', 'EAA', 'EAA[MC][A-Za-z0-9]{100,300}'),
  token('JWT', 'eyJ', String.raw`${JWT}\.eyJ[\w-]{10,16000}\.[\w-]{10,2000}`),
  token(
    'JWT',
    'eyJ',
    String.raw`${JWT}\.[\w-]{0,2000}\.[\w-]{10,40}\.[\w-]{10,16000}\.[\w-]{16,100}`,
  ),

  context(
    'credentials',
    [],
    String.raw`\bauthorization${IS}(?:bearer|basic|token|apikey|digest)\s{1,3}(?<secret>[\w.~+/=-]{8,4000})`,
  ),
  {
    kind: 'bearer token',
    hints: ['earer ', 'EARER '],
    pattern:
      /\b(?:[Bb]earer|BEARER) {1,3}(?=[A-Za-z._~+/=-]{0,200}\d)(?<secret>[\w.~+/=-]{16,4000})/dg,
  },
  context(
    'credentials',
    [],
    String.raw`\b(?:x-api-key|api-key|apikey|x-auth-token|private-token|x-vault-token|x-functions-key|ocp-apim-subscription-key)\\?["']?\s{0,3}:\s{0,3}\\?["']?(?=[A-Za-z._~+/=-]{0,200}\d)(?<secret>[\w.~+/=-]{16,500})`,
  ),
  {
    ...context(
      'parameter',
      ['='],
      String.raw`[?&;](?:token|access_?token|id_?token|refresh_?token|auth_?token|private_?token|api_?key|apikey|client_?secret|secret|x-amz-signature|x-amz-security-token|x-goog-signature|sig|signature)=(?=[A-Za-z._~%+/=-]{0,200}\d)(?<secret>[\w.~%+/=-]{8,2000})`,
    ),
    inline: true,
  },
  {
    ...context(
      'password',
      ['assw'],
      String.raw`[?&](?:password|passwd)=(?<secret>[\w.~%+/=!@*-]{6,200})`,
    ),
    inline: true,
  },
  {
    kind: 'password',
    hints: ['://'],
    // To the last `@` before a slash or blank: people put unescaped passwords into URLs. A placeholder is no password.
    pattern:
      /(?<=:\/\/)[^\s:/?#@"'<>`]{0,200}:(?!\[masked)(?!\*{1,40}@|\.{3}@|[xX]{3,20}@|\$[A-Z_]{1,40}@|\$?\{[\w.]{1,40}\}@|%[sd]@)(?<secret>[^\s/?"'<>`]{1,200})@(?=[A-Za-z0-9[_-])/dg,
    inline: true,
  },
  context(
    'password',
    ['assword', 'ASSWORD', 'wd=', 'WD='],
    String.raw`\b(?:server|data source|host|user id|uid|username|user|dsn|driver)\s{0,2}=[^;\n]{1,100};(?:[^;=\n]{1,40}=[^;\n]{0,100};){0,5}\s{0,2}(?:password|pwd)\s{0,2}=(?!\[masked)(?<secret>[^;\s"']{4,200})`,
  ),
  context(
    'password',
    ['assword=', 'ASSWORD='],
    String.raw`\b(?:host|dbname|user)=\S{1,100} (?:\w{1,20}=\S{1,100} ){0,5}password='?(?!\[masked)(?<secret>[^\s'"]{4,200})`,
  ),
  context(
    'password',
    ['curl '],
    String.raw`\bcurl [^\n]{0,100}?(?:-u|--user)[ =]["']?[^\s:"']{1,60}:(?!\[masked)(?<secret>[^\s"']{4,200})`,
  ),
  context(
    'password',
    ['machine '],
    String.raw`\bmachine \S{1,100}\s{1,4}login \S{1,100}\s{1,4}password (?!\[masked)(?<secret>\S{4,200})`,
  ),
  context(
    'npm token',
    ['_auth'],
    String.raw`:_auth(?:token)?\s{0,3}=\s{0,3}["']?(?<secret>[\w+/=-]{16,500})`,
  ),
  context(
    'credentials',
    ['"auth"'],
    String.raw`"auth"\s{0,3}:\s{0,3}"(?<secret>[A-Za-z0-9+/]{12,500}={0,2})"`,
  ),
]
