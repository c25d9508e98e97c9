# The image of web, worker, beat and migrate. PostgreSQL and Valkey come from their own images.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1

# The walls around the cleaner of evidence (complaints/gateways/sandbox.py).
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends bubblewrap libseccomp2 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin bawaslu

WORKDIR /srv/bawaslu-cases
COPY requirements-server.txt .
RUN pip install --disable-pip-version-check --require-hashes --only-binary :all: \
    -r requirements-server.txt

COPY manage.py ./
COPY bawaslu_cases bawaslu_cases
COPY complaints complaints
COPY referrals referrals
COPY templates templates
COPY static static
# Given out at /api/v1/openapi.yml.
COPY docs/openapi.yml docs/openapi.yml
COPY docker/run docker/run

ENV DJANGO_SETTINGS_MODULE=bawaslu_cases.settings.base \
    STATIC_ROOT=/srv/static \
    MEDIA_ROOT=/srv/media \
    EVIDENCE_ROOT=/srv/evidence \
    BEAT_SCHEDULE_FILE=/tmp/beat \
    AUDIT_CHECKPOINT_DIR=/srv/checkpoints

# Collecting files needs settings but no service: these values exist in this one command only.
RUN SECRET_KEY=build DATA_KEYRING=build RECEIPT_PEPPER=build \
    DATABASE_URL=postgresql://build@localhost/build REDIS_URL=redis://localhost \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q bawaslu_cases complaints referrals \
    && install -d -o bawaslu -g bawaslu -m 0700 /srv/media /srv/evidence /srv/checkpoints

USER bawaslu
EXPOSE 8000
ENTRYPOINT ["docker/run"]
CMD ["web"]
