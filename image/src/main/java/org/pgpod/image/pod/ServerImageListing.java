package org.pgpod.image.pod;

/**
 * What extension-loader reads of the image that Postgres runs from: the list of packages, the server's program and
 * shared files, and the names of libraries. Containers do not see each other's files, so an init container of the
 * server's image leaves a copy in a volume, some 20 MB; libraries are copied as names only.
 */
final class ServerImageListing {
    static final String SCRIPT = """
            # Show extension-loader this image. See docs/reference/pod-template.md.
            set -eu
            to=%s
            rm -rf "$to/usr" "$to/var" "$to/lib"
            cd /
            for path in "usr/lib/postgresql/$1/bin" usr/share/postgresql var/lib/dpkg/status var/lib/dpkg/status.d; do
              [ ! -e "$path" ] || cp -rP --parents "$path" "$to"
            done
            for path in lib/*.so* usr/lib/*.so* lib/*-linux-*/*.so* usr/lib/*-linux-*/*.so* "usr/lib/postgresql/$1/lib"/*; do
              [ -e "$path" ] || [ -h "$path" ] || continue
              [ -d "$to/${path%%/*}" ] || mkdir -p "$to/${path%%/*}"
              : > "$to/$path"
            done
            [ ! -d usr/share/locale ] || mkdir -p "$to/usr/share/locale"
            """.formatted(Layout.SERVER_IMAGE);

    private ServerImageListing() {}
}
