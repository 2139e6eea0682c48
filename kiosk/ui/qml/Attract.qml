// Teaches the gesture before anybody has to use it, and says what the camera is for. When no
// number can be had it says when to come back instead, and where a person can help.
import QtQuick

Item {
    id: page

    readonly property var notes: bridge.screen.paragraphs ?? []
    readonly property string open: bridge.screen.hours ?? ""
    readonly property bool teaches: (bridge.screen.lesson ?? []).length > 0
    readonly property real room: notice.y - 24

    GestureLesson {
        visible: page.teaches
        width: parent.width
        height: page.room - answers.height - 28
    }

    Answers {
        id: answers
        width: parent.width
        y: page.room - height
        tileHeight: 164
    }

    OpeningSheet {
        visible: !page.teaches && opening !== null && opening !== undefined
        width: parent.width
        height: Math.min(640, page.room)
    }

    AskSheet {
        visible: !page.teaches && !bridge.screen.opening
        width: parent.width
        height: Math.min(520, page.room)
    }

    Column {
        id: notice
        y: page.height - height
        width: parent.width
        spacing: 8

        Words {
            width: parent.width
            visible: text
            text: page.open
            color: bridge.theme.inform
            size: 36
            weight: Font.DemiBold
        }
        Words {
            width: parent.width
            text: page.notes.join(" ")
            color: bridge.theme.muted
            size: 30
            lineHeight: 0.95
        }
    }
}
