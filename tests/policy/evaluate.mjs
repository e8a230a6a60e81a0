#!/usr/bin/env node
// Evaluates requests with iam-simulate, for tests/it/standin/policies. The first line of standard
// input is a list of policy documents; each further line is a request that names its policies by their
// positions in that list. It prints one line per request: A for allowed, X for explicitly denied, I for
// not allowed, or E and the reason why it could not be evaluated.
import readline from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const LETTERS = { Allowed: 'A', ExplicitlyDenied: 'X', ImplicitlyDenied: 'I' }
const EVERYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

let documents
const named = (place) => ({ name: String(place), policy: documents[place] })

async function evaluate({ principal, account, action, resource, context, identity, scp, boundary, trust }) {
  const result = await runSimulation({
    request: { principal, action, resource: { resource, accountId: account }, contextVariables: context },
    identityPolicies: identity.map(named),
    resourceControlPolicies: [],
    serviceControlPolicies: scp === null ? []
      : [{ orgIdentifier: 'root', policies: [{ name: 'FullAWSAccess', policy: EVERYTHING }, named(scp)] }],
    ...(boundary === null ? {} : { permissionBoundaryPolicies: [named(boundary)] }),
    ...(trust === null ? {} : { resourcePolicy: documents[trust] }),
  }, {})
  return result.resultType === 'error' ? `E ${JSON.stringify(result.errors)}` : LETTERS[result.overallResult]
}

const answers = []
for await (const line of readline.createInterface({ input: process.stdin })) {
  const value = JSON.parse(line)
  if (documents) answers.push(await evaluate(value))
  else documents = value
}
process.stdout.write(answers.join('\n') + '\n')
