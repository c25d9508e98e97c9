#!/bin/sh
# Runs once, when the cluster is created: the two roles that own nothing, and the two databases
# beside the first one. Rights come from `manage.py grant_roles` after each migration; this file gives
# the roles only a password.
set -eu

secrets=${SECRETS_FOLDER:-/run/secrets}
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set web="$(cat "$secrets/web_password")" \
    --set worker="$(cat "$secrets/worker_password")" \
    --set keyring="${POSTGRES_DB}_keyring" --set audit="${POSTGRES_DB}_audit" <<'SQL'
CREATE ROLE bc_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD :'web';
CREATE ROLE bc_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION PASSWORD :'worker';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE DATABASE :"keyring";
CREATE DATABASE :"audit";
SQL
