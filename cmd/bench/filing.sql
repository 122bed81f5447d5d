-- One filing as rows: what portal/dossier, portal/once, portal/queue and payments write, in
-- their order, without reading, deciding or telling. Values come as parameters, so that the
-- same bytes travel and are parsed; ids are random to an index (md5 of a number). No literal
-- may hold a colon before a letter: pgbench takes it for a variable.
\set i :i + 1
\set n :client_id * :each + :i
\set a random(1, :agencies)
\set p random(1, :people)
BEGIN;
INSERT INTO deeds (person, key, route, body_sha256, answer, at) VALUES ('person:' || (:persons::bigint[])[:p], md5('key:' || :run::text || :n)::uuid, 'POST /ho-so/' || md5(:run::text || :n)::uuid || '/kiem-tra', decode(:sha, 'hex'), md5(:run::text || :n)::uuid::text, now());
INSERT INTO filings (dossier_id, no, answers, facts, sources, sha256, revision_id, at) VALUES (md5(:run::text || :n)::uuid, 1, :answers::jsonb, :facts, :sources::jsonb, decode(:sha, 'hex'), :revision, now());
INSERT INTO attachments (id, dossier_id, filing, component, position, name, media, size, pages, sha256, blob, signatures, at) SELECT id, draft_id, 1, component, position, name, media, size, pages, sha256, blob, signatures, now() FROM draft_files WHERE draft_id = md5(:run::text || :n)::uuid AND round = 0 AND removed_at IS NULL;
UPDATE drafts SET filed_at = now(), version = version + 1 WHERE id = md5(:run::text || :n)::uuid AND filed_at IS NULL;
INSERT INTO events (at, dossier_id, kind, from_state, to_state, actor, agency_id, args) VALUES (now(), md5(:run::text || :n)::uuid, 'filed', '', 'filed', 'person:' || (:persons::bigint[])[:p], (:agency_ids::bigint[])[:a], '{}');
INSERT INTO jobs (kind, subject, body, due) VALUES ('dossier.tell', md5(:run::text || :n)::uuid || ':' || 'filed' || ':' || '1', ('{"dossier":"' || md5(:run::text || :n)::uuid || '","kind":"filed","round":"1","args":{}}')::jsonb, now());
WITH counter AS (INSERT INTO code_counters AS c (agency_id, day, last) VALUES ((:agency_ids::bigint[])[:a], :day::date, 1) ON CONFLICT (agency_id, day) DO UPDATE SET last = c.last + 1 RETURNING last) INSERT INTO dossiers (id, code, agency_id, procedure_code, revision_id, person_id, tax_code, owner_name, owner_number, owner_hash, email, phone, lang, state, step, money, channel, return_by, return_to, verified, filed_at, answer_by) SELECT md5(:run::text || :n)::uuid, (:agency_codes::text[])[:a] || :stamp::text || to_char(last, 'FM0000'), (:agency_ids::bigint[])[:a], '2.000635', :revision, (:persons::bigint[])[:p], '', :owner_name, :owner_number, sha256(:owner_number::text::bytea), '', :phone, 'vi', 'filed', :step, 'due', 'online', 'post', :return_to::jsonb, true, now(), now() + interval '8 hours' FROM counter RETURNING code \gset
INSERT INTO orders (id, subject, code, payer, payer_number, payer_address, payee, lines, total, state, made_at) VALUES (md5('order:' || :run::text || :n)::uuid, 'dossier:' || md5(:run::text || :n)::uuid, :code, :owner_name, :owner_number, '', (:agency_ids::bigint[])[:a], :lines::jsonb, 24000, 'due', now());
COMMIT;
